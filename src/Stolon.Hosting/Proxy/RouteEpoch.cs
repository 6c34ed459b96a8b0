using System.Net;

namespace Stolon.Hosting.Proxy;

/// <summary>
/// One unbroken time of forwarding to one primary, and every connection made in it. Once closed it never opens again: a connection of an
/// earlier epoch can forward nothing, even if the same primary is routed again.
/// </summary>
/// <param name="primary">Where its clients are sent.</param>
/// <param name="fence">The deadline.</param>
/// <param name="opened">When it began, by the wall clock: for the record only.</param>
internal sealed class RouteEpoch(IPEndPoint primary, Fence fence, DateTimeOffset opened)
{
    private readonly Lock gate = new();
    private readonly HashSet<ConnectionPair> pairs = [];
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool closed;
    private volatile bool leaving;
    private int connected;
    private TaskCompletionSource? reached;

    /// <summary>Where its clients are sent.</summary>
    public IPEndPoint Primary => primary;

    /// <summary>To be asked right before each connect and each forwarding of bytes.</summary>
    public bool MayForward => !closed && !fence.IsPast;

    /// <summary>Whether new clients may be taken in.</summary>
    public bool Admits => !leaving && MayForward;

    /// <summary>Some client's handshake is under way.</summary>
    public bool HasHandshakes
    {
        get
        {
            lock (gate)
            {
                return pairs.Any(pair => pair.IsInHandshake);
            }
        }
    }

    /// <summary>Completes when the epoch is closed and the last of its connections has stopped moving.</summary>
    public Task Ended => ended.Task;

    /// <summary>Takes nobody in from now on; those who are in stay until it is closed.</summary>
    public void Leave() => leaving = true;

    /// <summary>When it began, by the wall clock: for the record only.</summary>
    public DateTimeOffset Opened => opened;

    /// <summary>Completes when somebody has reached the primary after this was asked.</summary>
    public Task Reached
    {
        get
        {
            lock (gate)
            {
                return (reached ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }
    }

    /// <summary>The primary answers: those who could not reach it need not wait.</summary>
    public void OnReached()
    {
        TaskCompletionSource? waited;
        lock (gate)
        {
            (waited, reached) = (reached, null);
        }

        waited?.SetResult();
    }

    /// <summary>A connection to the primary stands.</summary>
    /// <returns>True for the first one.</returns>
    public bool IsFirst() => Interlocked.Exchange(ref connected, 1) == 0;

    /// <summary>Takes a connection in.</summary>
    /// <param name="pair">The connection.</param>
    /// <returns>False if the epoch is closed.</returns>
    public bool TryAdd(ConnectionPair pair)
    {
        lock (gate)
        {
            return !closed && !leaving && pairs.Add(pair);
        }
    }

    /// <summary>A connection has stopped moving.</summary>
    /// <param name="pair">The connection.</param>
    public void Remove(ConnectionPair pair)
    {
        lock (gate)
        {
            pairs.Remove(pair);
            EndIfEmpty();
        }
    }

    /// <summary>Ends the epoch: every connection is reset.</summary>
    /// <returns>How many.</returns>
    public int Close()
    {
        ConnectionPair[] cut;
        lock (gate)
        {
            closed = true;
            cut = [.. pairs];
            EndIfEmpty();
        }

        foreach (var pair in cut)
        {
            pair.Reset();
        }

        return cut.Length;
    }

    private void EndIfEmpty()
    {
        if (closed && pairs.Count == 0)
        {
            ended.TrySetResult();
        }
    }
}
