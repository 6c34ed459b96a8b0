using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);

/// <summary>What resources have logged, kept in memory.</summary>
public class ResourceLoggerService : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, ResourceLog> logs = new(StringComparer.OrdinalIgnoreCase);

    public ILogger GetLogger(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);

        return GetLogger(resource.Name);
    }

    public ILogger GetLogger(string resourceName) => Log(resourceName);

    /// <summary>What has been logged until now.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);

        return GetAllAsync(resource.Name);
    }

    public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(string resourceName) => Log(resourceName).SoFarAsync();

    /// <summary>What has been logged, and what will be until the log is complete.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);

        return WatchAsync(resource.Name);
    }

    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName) => Log(resourceName).WatchAsync(CancellationToken.None);

    public void Complete(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);

        Complete(resource.Name);
    }

    public void Complete(string name) => Log(name).Complete();

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var log in logs.Values)
            {
                log.Complete();
            }
        }

        GC.SuppressFinalize(this);
    }

    private ResourceLog Log(string name)
    {
        ArgumentNullException.ThrowIfNull(name);

        lock (gate)
        {
            return logs.TryGetValue(name, out var known) ? known : logs[name] = new ResourceLog();
        }
    }

    private sealed class ResourceLog : ILogger
    {
        private readonly Lock gate = new();
        private readonly List<LogLine> lines = [];
        private readonly List<ChannelWriter<LogLine>> watchers = [];
        private bool complete;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var content = formatter(state, exception) + (exception is null ? "" : $"{Environment.NewLine}{exception}");
            lock (gate)
            {
                var line = new LogLine(lines.Count + 1, content, logLevel >= LogLevel.Error);
                lines.Add(line);
                watchers.ForEach(watcher => watcher.TryWrite(line));
            }
        }

        public async IAsyncEnumerable<IReadOnlyList<LogLine>> SoFarAsync()
        {
            await Task.CompletedTask.ConfigureAwait(false);
            yield return Snapshot();
        }

        public async IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var channel = Channel.CreateUnbounded<LogLine>();
            lock (gate)
            {
                lines.ForEach(line => channel.Writer.TryWrite(line));
                watchers.Add(channel.Writer);
                if (complete)
                {
                    channel.Writer.Complete();
                }
            }

            try
            {
                await foreach (var line in channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                {
                    yield return [line];
                }
            }
            finally
            {
                lock (gate)
                {
                    watchers.Remove(channel.Writer);
                }
            }
        }

        public void Complete()
        {
            lock (gate)
            {
                complete = true;
                watchers.ForEach(watcher => watcher.TryComplete());
            }
        }

        private List<LogLine> Snapshot()
        {
            lock (gate)
            {
                return [.. lines];
            }
        }
    }
}
