using System.Collections.Immutable;
using Stolon.Hosting.Time;
using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>
/// The list of synchronous standbys that PostgreSQL was told last, and whether it is proven to be in force (Q38). It is a new one whenever
/// another text is written, and with every start: what was proven before says nothing of it.
/// </summary>
internal sealed class SynchronousList(LocalConnections connections, TimeProvider clock)
{
    private const string Parameter = "synchronous_standby_names";

    private readonly Lock gate = new();
    private long number;
    private string text = "";
    private ImmutableArray<string> earlier = [];
    private CommitBarrier? barrier;

    /// <summary>The proof; null while there is none, and for an empty list, which needs none.</summary>
    public CommitBarrier? Barrier
    {
        get
        {
            lock (gate)
            {
                return barrier;
            }
        }
    }

    /// <summary>The list that is to be proven; null when there is nothing to prove.</summary>
    public (long Number, string Text, ImmutableArray<string> Earlier)? Unproven
    {
        get
        {
            lock (gate)
            {
                return text.Length > 0 && barrier is null ? (number, text, earlier) : null;
            }
        }
    }

    /// <summary>PostgreSQL is about to be started, and reads this.</summary>
    /// <param name="configuration">What it reads.</param>
    public void Start(ServerConfiguration configuration) => Take(configuration.Parameters.Find(Parameter) ?? "", anew: true);

    /// <summary>This is about to be written for the running PostgreSQL, which may load it from now on.</summary>
    /// <param name="configuration">What is written.</param>
    public void Write(ServerConfiguration configuration) => Take(configuration.Parameters.Find(Parameter) ?? "", anew: false);

    /// <summary>Proves that the list is in force, when that is not proven yet.</summary>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What hinders the proof; empty when it succeeded, or when there was nothing to prove.</returns>
    /// <exception cref="PostgresInstanceException">PostgreSQL could not be asked.</exception>
    public async Task<string> ProveAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (Unproven is not { } list)
        {
            return "";
        }

        var end = clock.Now() + limit;
        var (position, hindrance) = await new SynchronousProof(connections, clock).TryAsync(list.Text, list.Earlier, end, cancellationToken).ConfigureAwait(false);
        if (position is { } reached)
        {
            lock (gate)
            {
                (barrier, earlier) = number == list.Number ? (new CommitBarrier(number, reached), []) : (barrier, earlier);
            }
        }

        return hindrance;
    }

    private void Take(string names, bool anew)
    {
        lock (gate)
        {
            if (anew || names != text)
            {
                // Nothing that was started before is left after a start.
                (number, text, barrier, earlier) = (number + 1, names, null, anew ? [] : earlier.Add(text));
            }
        }
    }
}
