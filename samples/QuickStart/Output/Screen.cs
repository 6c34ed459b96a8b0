namespace QuickStart.Output;

/// <summary>What the user reads: lines with the time of day, and a sign of life while something takes longer.</summary>
internal sealed class Screen(TimeProvider time)
{
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private long lastLine = time.GetTimestamp();

    /// <summary>Writes a line.</summary>
    /// <param name="text">The line, or several; the time is put before the first.</param>
    public void Say(string text) => Write($"{time.GetLocalNow():HH:mm:ss}  {text.Replace("\n", "\n          ", StringComparison.Ordinal)}");

    /// <summary>Writes a line as it is.</summary>
    /// <param name="text">The line.</param>
    public void Write(string text)
    {
        lock (gate)
        {
            lastLine = time.GetTimestamp();
            try
            {
                Console.Out.WriteLine(text);
            }
            catch (IOException)
            {
                // Whoever read has gone away; the cluster goes on.
            }
        }
    }

    /// <summary>Awaits something and says every two seconds that it still goes on.</summary>
    /// <typeparam name="T">The type of the result.</typeparam>
    /// <param name="task">What is awaited.</param>
    /// <param name="describe">What goes on, as a sentence without its end.</param>
    /// <returns>The result.</returns>
    public async Task<T> WhileAsync<T>(Task<T> task, Func<string> describe)
    {
        var start = time.GetTimestamp();
        while (!task.IsCompleted)
        {
            using var awake = new CancellationTokenSource();
            await Task.WhenAny(task, Task.Delay(Look, time, awake.Token));
            await awake.CancelAsync();
            if (!task.IsCompleted && time.GetElapsedTime(lastLine) >= LongestSilence)
            {
                Say($"... {describe()} ({time.GetElapsedTime(start).TotalSeconds:0} s)");
            }
        }

        return await task;
    }

    /// <inheritdoc cref="WhileAsync{T}(Task{T}, Func{string})"/>
    public Task WhileAsync(Task task, Func<string> describe)
    {
        return WhileAsync(Finish(), describe);

        async Task<bool> Finish()
        {
            await task;
            return true;
        }
    }
}
