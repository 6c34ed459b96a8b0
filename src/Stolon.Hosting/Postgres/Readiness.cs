using Stolon.Hosting.Time;

namespace Stolon.Hosting.Postgres;

/// <summary>Waits for an instance's first answer (PG4).</summary>
internal static class Readiness
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks until it answers.</summary>
    /// <param name="connections">How to ask.</param>
    /// <param name="exited">Completes when the instance has ended.</param>
    /// <param name="postmaster">Knows what it said.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="clock">Measures it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When it answered.</returns>
    /// <exception cref="PostgresInstanceException">It ended, did not answer in time, or answered that it never will.</exception>
    public static async Task WaitAsync(
        LocalConnections connections, Task exited, Postmaster postmaster, TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        var end = clock.Now() + limit;
        while (true)
        {
            try
            {
                await connections.AskAsync(_ => Task.FromResult(0), cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (PostgresInstanceException error)
            {
                if (exited.IsCompleted)
                {
                    throw postmaster.Failure("PostgreSQL ended before it was ready.");
                }

                if (clock.Now() >= end || !LocalConnections.IsStarting(error))
                {
                    throw new PostgresInstanceException(
                        $"PostgreSQL was not ready within {limit}: {error.Message}. {FailureRemedy.For(error.Message)}".Trim(), error)
                    {
                        Summary = $"PostgreSQL was not ready within {limit}: {error.Summary}. {FailureRemedy.For(error.Message)}".Trim(),
                    };
                }

                using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                await Task.WhenAny(exited, Task.Delay(Poll, clock, waiting.Token)).ConfigureAwait(false);
                await waiting.CancelAsync().ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }
}
