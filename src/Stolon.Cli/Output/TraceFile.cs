using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading.Channels;
using Stolon.Hosting;

namespace Stolon.Cli.Output;

/// <summary>
/// Writes every activity of this process into a file, one JSON object for each line, at its end. As with the log nobody waits for the disk: what
/// does not fit is left out.
/// </summary>
internal sealed class TraceFile : IAsyncDisposable
{
    private const int MaxWaiting = 10_000;

    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(1);
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Channel<Activity> ended = Channel.CreateBounded<Activity>(
        new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly ActivityListener listener;
    private readonly FileStream file;
    private readonly TimeProvider time;
    private readonly Task writing;

    private TraceFile(FileStream file, TimeProvider time)
    {
        (this.file, this.time) = (file, time);
        writing = Task.Run(WriteAsync);
        listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == StolonTracing.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => ended.Writer.TryWrite(activity),
        };
        ActivitySource.AddActivityListener(listener);
    }

    /// <summary>Opens the file; what is in it stays.</summary>
    /// <param name="path">Where.</param>
    /// <param name="time">The clock of waits.</param>
    /// <returns>To be disposed when the last activity has ended.</returns>
    /// <exception cref="CommandException">The file cannot be written.</exception>
    public static TraceFile Open(string path, TimeProvider time)
    {
        try
        {
            return new TraceFile(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite), time);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new CommandException($"--trace-file: {path} cannot be written: {problem.Message}", problem);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        listener.Dispose();
        ended.Writer.TryComplete();
        await writing.WaitAsync(LongestFarewell, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await file.DisposeAsync().ConfigureAwait(false);
    }

    private async Task WriteAsync()
    {
        await foreach (var activity in ended.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                await file.WriteAsync(Line(activity)).ConfigureAwait(false);
                await file.FlushAsync().ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                // The disk is full: the next line may get through.
            }
        }
    }

    private static ReadOnlyMemory<byte> Line(Activity activity)
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("name", activity.OperationName);
            json.WriteString("start", activity.StartTimeUtc);
            json.WriteNumber("ms", Math.Round(activity.Duration.TotalMilliseconds, 3));
            foreach (var (name, value) in activity.TagObjects)
            {
                json.WritePropertyName(name);
                WriteValue(json, value);
            }

            if (activity.Status == ActivityStatusCode.Error)
            {
                json.WriteString("error", activity.StatusDescription);
            }

            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    private static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            default:
                json.WriteStringValue(value.ToString());
                break;
        }
    }
}
