using System.Collections.Immutable;
using Stolon.Cluster;
using Stolon.Postgres;
using Stolon.Storage;

namespace Stolon.Hosting.Administration;

/// <summary>
/// Asks a live server of the cluster whether it accepts what an update changes, through the store: whoever administers has neither its
/// password nor a way to it, its keeper has both (ADR 0017).
/// </summary>
/// <param name="store">The cluster's store.</param>
/// <param name="time">The clock.</param>
internal sealed class ServerCheck(IClusterStore store, TimeProvider time)
{
    /// <summary>How long the primary's keeper is waited for when another has answered.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>For a question that nobody withdraws; stores keep it so long at least.</summary>
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(20);

    /// <summary>What has to be asked about a change.</summary>
    /// <param name="data">The document now.</param>
    /// <param name="next">The specification that it shall have.</param>
    /// <returns>The question; null when the change is none for a server, or no server was ever made.</returns>
    public static SettingsQuestion? Question(ClusterData data, ClusterSpec next)
    {
        var current = data.Cluster.Spec;
        var changed = next.PgParameters.Where(entry => current.PgParameters.Find(entry.Key) != entry.Value);
        var question = new SettingsQuestion
        {
            Id = new QuestionId(Guid.NewGuid().ToString("N")),
            PgParameters = Parameters.WithoutUnused(new ValueMap<string, string>(changed)),
            PgHba = next.PgHba is { } lines && next.PgHba != current.PgHba ? lines : [],
        };
        return data.Cluster.Status.Phase == ClusterPhase.Normal && (question.PgParameters.Count > 0 || question.PgHba.Count > 0) ? question : null;
    }

    /// <summary>Asks, and waits for the answer: that of the primary's keeper, or where it gives none that of another.</summary>
    /// <param name="data">The document now.</param>
    /// <param name="question">What to ask.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The answer; null when there is none.</returns>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    public async Task<SettingsAnswer?> AskAsync(ClusterData data, SettingsQuestion question, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        SettingsAnswer? best = null;
        try
        {
            await store.PublishAsync(question, TimeToLive, either.Token).ConfigureAwait(false);
            await foreach (var _ in store.WatchAsync(StoreChange.Reports, either.Token).ConfigureAwait(false))
            {
                var answers = Answers(await store.ListReportsAsync(either.Token).ConfigureAwait(false), data, question.Id);
                if (answers.FirstOrDefault(one => one.Keeper == data.Primary?.Spec.Keeper).Answer is { } ofPrimary)
                {
                    return ofPrimary;
                }

                if (best is null && answers is [var first, ..])
                {
                    best = first.Answer;
                    timer.CancelAfter(limit < Patience ? limit : Patience);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is over.
        }
        finally
        {
            await WithdrawAsync(question.Id).ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return best;
    }

    private static ImmutableArray<(KeeperId Keeper, SettingsAnswer Answer)> Answers(Reports reports, ClusterData data, QuestionId question) =>
    [
        .. reports.Keepers.Where(keeper => keeper.ClusterUid == data.Cluster.Uid)
            .SelectMany(keeper => keeper.Answers.Where(answer => answer.Question == question).Select(answer => (keeper.Uid, answer))),
    ];

    private async Task WithdrawAsync(QuestionId question)
    {
        try
        {
            await store.WithdrawAsync(question, CancellationToken.None).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            // It vanishes by its time to live.
        }
    }
}
