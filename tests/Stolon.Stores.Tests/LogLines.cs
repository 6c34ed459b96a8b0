using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Stolon.Stores.Tests;

/// <summary>Keeps the ids of what is logged for operators.</summary>
internal sealed class LogLines : ILogger
{
    private readonly ConcurrentQueue<int> ids = new();

    public IReadOnlyCollection<int> Ids => ids;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            ids.Enqueue(eventId.Id);
        }
    }
}
