using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Stolon.Cli.Options;

namespace Stolon.Cli.Output;

/// <summary>
/// The log of a role: one line for each message, on standard error. Nobody who logs ever waits for a disk, a pipe or a terminal: a keeper
/// that fences must not be held up by a reader who is frozen. What then does not fit is left out.
/// </summary>
internal sealed class LineLog : ILoggerProvider, IAsyncDisposable
{
    private const int MaxWaiting = 10_000;

    /// <summary>The host's own word about a start that failed: the program says it in one line.</summary>
    private const int StartFailedEvent = 11;

    /// <summary>The library's word about an option of a keeper that is accepted, and unwise.</summary>
    private const int OptionWarningEvent = 6101;

    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(1);

    private readonly Channel<string> lines = Channel.CreateBounded<string>(
        new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly LogChoice choice;
    private readonly TimeProvider time;
    private readonly Task writing;

    /// <summary>Opens the log.</summary>
    /// <param name="choice">What is said.</param>
    /// <param name="time">The clock.</param>
    public LineLog(LogChoice choice, TimeProvider time)
    {
        this.choice = choice;
        this.time = time;
        writing = Task.Run(WriteAsync);
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName.StartsWith("Microsoft.", StringComparison.Ordinal));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lines.Writer.TryComplete();
        await writing.WaitAsync(LongestFarewell, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public void Dispose() => lines.Writer.TryComplete();

    private async Task WriteAsync()
    {
        await foreach (var line in lines.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                await Console.Error.WriteLineAsync(line).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                // Nobody listens, or the disk is full: the next line may get through.
            }
        }
    }

    private static string Words(EventId id, string text) => id.Id == OptionWarningEvent ? FlagNames.TranslateKeeper(text) : FlagNames.TranslateMentions(text);

    private static (string Word, string Color) Look(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => ("DEBUG", "\e[2m"),
        LogLevel.Information => ("INFO ", "\e[32m"),
        LogLevel.Warning => ("WARN ", "\e[33m"),
        _ => ("ERROR", "\e[31m"),
    };

    private sealed class Category(LineLog log, bool isForeign) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) =>
            logLevel != LogLevel.None && logLevel >= log.choice.Level && (!isForeign || logLevel >= LogLevel.Warning || log.choice.Level == LogLevel.Debug);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel) || (isForeign && eventId.Id == StartFailedEvent))
            {
                return;
            }

            var (word, color) = Look(logLevel);
            var text = new StringBuilder($"{log.time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} ");
            text.Append(log.choice.UsesColor ? $"{color}{word}\e[0m " : $"{word} ").Append(Words(eventId, FailureText.OneLine(formatter(state, exception))));
            for (var cause = exception; cause is not null; cause = cause.InnerException)
            {
                text.Append($" [{cause.GetType().Name}: {FailureText.OneLine(cause.Message)}]");
            }

            // Where a failure came from is for those who look closely.
            if (exception is not null && log.choice.Level == LogLevel.Debug)
            {
                text.Append(Environment.NewLine).Append(exception);
            }

            log.lines.Writer.TryWrite(text.ToString());
        }
    }
}
