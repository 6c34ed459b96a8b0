using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>Hands hints to whoever listens in this process. Hints for a listener who is busy are merged into one.</summary>
internal sealed class ChangeHub
{
    /// <summary>The leadership changed hands: inside the stores only.</summary>
    public const StoreChange Leader = (StoreChange)4;

    /// <summary>Everything that there is.</summary>
    public const StoreChange All = StoreChange.Any | Leader;

    private ImmutableArray<Subscription> subscriptions = [];

    /// <summary>Says that something may have changed.</summary>
    /// <param name="change">What.</param>
    public void Raise(StoreChange change)
    {
        foreach (var subscription in subscriptions)
        {
            subscription.Raise(change);
        }
    }

    /// <summary>Listens from now on.</summary>
    /// <param name="scope">To what.</param>
    /// <returns>The subscription; dispose it.</returns>
    public Subscription Subscribe(StoreChange scope)
    {
        var subscription = new Subscription(this, scope);
        ImmutableInterlocked.Update(ref subscriptions, all => all.Add(subscription));
        return subscription;
    }

    /// <summary>The stream of <see cref="IClusterStore.WatchAsync"/>: the scope once at the start, then hints.</summary>
    /// <param name="scope">To what.</param>
    /// <param name="closed">The store is disposed.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <returns>The hints.</returns>
    public async IAsyncEnumerable<StoreChange> WatchAsync(
        StoreChange scope, CancellationToken closed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var subscription = Subscribe(scope);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(closed, cancellationToken);
        subscription.Raise(scope);
        while (await subscription.NextAsync(either.Token).ConfigureAwait(false) is var change && change != StoreChange.None)
        {
            yield return change;
        }
    }

    /// <summary>One listener.</summary>
    /// <param name="hub">The hub.</param>
    /// <param name="scope">What it listens to.</param>
    internal sealed class Subscription(ChangeHub hub, StoreChange scope) : IDisposable
    {
        private readonly Channel<bool> signal =
            Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        private int pending;

        /// <summary>Hands it a hint.</summary>
        /// <param name="change">What changed.</param>
        public void Raise(StoreChange change)
        {
            if ((change & scope) != StoreChange.None)
            {
                Interlocked.Or(ref pending, (int)(change & scope));
                signal.Writer.TryWrite(true);
            }
        }

        /// <summary>Waits for a hint.</summary>
        /// <param name="cancellationToken">Gives up.</param>
        /// <returns>All hints since the last call; none when cancelled.</returns>
        public async ValueTask<StoreChange> NextAsync(CancellationToken cancellationToken)
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                Task ready = signal.Reader.WaitToReadAsync(cancellationToken).AsTask();
                await ready.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (signal.Reader.TryRead(out _) && (StoreChange)Interlocked.Exchange(ref pending, 0) is var change and not StoreChange.None)
                {
                    return change;
                }
            }

            return StoreChange.None;
        }

        /// <summary>Waits for a hint, but not for ever.</summary>
        /// <param name="atMost">For how long.</param>
        /// <param name="time">The clock.</param>
        /// <param name="cancellationToken">Gives up, without an exception.</param>
        /// <returns>When there was one, or the time is over.</returns>
        public async ValueTask WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
        {
            using var limit = new CancellationTokenSource(atMost, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            await NextAsync(either.Token).ConfigureAwait(false);
        }

        /// <inheritdoc/>
        public void Dispose() => ImmutableInterlocked.Update(ref hub.subscriptions, all => all.Remove(this));
    }
}
