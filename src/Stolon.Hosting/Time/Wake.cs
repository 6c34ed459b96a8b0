using System.Threading.Channels;

namespace Stolon.Hosting.Time;

/// <summary>A bell: many may ring it, one waits for it. Rings while nobody waits are kept as one.</summary>
internal sealed class Wake
{
    private readonly Channel<bool> bell = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Rings.</summary>
    public void Ring() => bell.Writer.TryWrite(true);

    /// <summary>Waits for a ring, or until the time is over.</summary>
    /// <param name="limit">The longest wait; nothing below zero, an hour at most.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait, without an exception.</param>
    /// <returns>True after a ring.</returns>
    public async Task<bool> WaitAsync(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (bell.Reader.TryRead(out _))
        {
            return true;
        }

        using var timer = new CancellationTokenSource(limit < TimeSpan.Zero ? TimeSpan.Zero : limit < Waits.Longest ? limit : Waits.Longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            return await bell.Reader.ReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
