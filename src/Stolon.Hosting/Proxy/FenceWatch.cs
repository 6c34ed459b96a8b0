using Stolon.Hosting.Health;

namespace Stolon.Hosting.Proxy;

/// <summary>
/// Acts when the deadline passes (X3). It has a thread of its own: a check that hangs, or a host that keeps the thread pool busy, must not
/// keep clients at a primary that another may have replaced.
/// </summary>
internal sealed class FenceWatch : IDisposable
{
    /// <summary>
    /// A thread's wait stands still during suspend, so it looks at the boot clock at least this often.
    /// </summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <summary>While it is past, so that a renewal is noticed before the new deadline.</summary>
    private static readonly TimeSpan WaitWhilePast = TimeSpan.FromMilliseconds(100);

    private readonly Fence fence;
    private readonly Action past;
    private readonly Thread thread;
    private readonly ManualResetEventSlim ended = new(initialState: false);

    /// <summary>Starts watching.</summary>
    /// <param name="fence">The deadline.</param>
    /// <param name="past">Called when it has passed, again and again until it is renewed; it looks for itself whether
    /// there is anything left to do.</param>
    /// <param name="name">The name of the thread.</param>
    public FenceWatch(Fence fence, Action past, string name)
    {
        this.fence = fence;
        this.past = past;
        thread = new Thread(Watch) { IsBackground = true, Name = name, Priority = ThreadPriority.AboveNormal };
        thread.Start();
    }

    /// <summary>Its sign of life, by the system's clock: a thread's waits know no other.</summary>
    public Pulse Pulse { get; } = new("deadline", TimeProvider.System);

    /// <inheritdoc/>
    public void Dispose()
    {
        ended.Set();
        thread.Join();
        ended.Dispose();
    }

    private void Watch()
    {
        var wait = TimeSpan.Zero;
        while (!ended.Wait(wait))
        {
            Pulse.Beat(LongestWait);
            var left = fence.Deadline - fence.Now;
            if (left <= TimeSpan.Zero)
            {
                past();
                wait = WaitWhilePast;
                continue;
            }

            // A millisecond more, since waits are rounded down to whole ones.
            wait = left > LongestWait ? LongestWait : left + TimeSpan.FromMilliseconds(1);
        }
    }
}
