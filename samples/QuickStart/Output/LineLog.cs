using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace QuickStart.Output;

/// <summary>
/// Writes logs to a file, and hands what an operator should see to the screen. Nobody who logs ever waits for a disk, a pipe or a
/// terminal: a keeper that fences must not be held up by a reader who is frozen.
/// </summary>
internal sealed class LineLog : ILoggerProvider, IAsyncDisposable
{
    private const int MaxWaiting = 10_000;
    private const long MaxFileBytes = 10_000_000;

    /// <summary>The sentinel's line for a decision; <see cref="DecisionFeed"/> shows those.</summary>
    private const int DecisionEvent = 1010;

    private readonly Channel<(bool IsShown, string Text)> lines = Channel.CreateBounded<(bool IsShown, string Text)>(
        new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly TimeProvider time;
    private readonly Action<string> show;
    private readonly Task writing;

    /// <summary>Opens the log.</summary>
    /// <param name="path">The file.</param>
    /// <param name="show">Shows a warning or an error.</param>
    /// <param name="time">The clock.</param>
    public LineLog(string path, Action<string> show, TimeProvider time)
    {
        this.time = time;
        this.show = show;
        if (new FileInfo(path) is { Exists: true, Length: > MaxFileBytes })
        {
            File.Move(path, path + ".old", overwrite: true);
        }

        var file = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        writing = WriteAsync(file);
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Category(this);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lines.Writer.TryComplete();
        await writing;
    }

    /// <inheritdoc/>
    public void Dispose() => lines.Writer.TryComplete();

    private async Task WriteAsync(StreamWriter file)
    {
        await using (file)
        {
            await foreach (var (isShown, text) in lines.Reader.ReadAllAsync())
            {
                try
                {
                    await file.WriteLineAsync(text);
                    if (isShown)
                    {
                        // Without the time, which the screen adds, and without a stack.
                        show(text.Split('\n')[0][(text.IndexOf('|', StringComparison.Ordinal) + 2)..]);
                    }
                }
                catch (IOException)
                {
                    // A full disk: the next line may fit again.
                }
            }
        }
    }

    private sealed class Category(LineLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and < LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                var text = $"{log.time.GetUtcNow():yyyy-MM-dd HH:mm:ss.fff} {logLevel,-11} {eventId.Id,4} | {formatter(state, exception)}";
                var isShown = logLevel >= LogLevel.Warning && eventId.Id != DecisionEvent;
                log.lines.Writer.TryWrite((isShown, exception is null ? text : $"{text}\n{exception}"));
            }
        }
    }
}
