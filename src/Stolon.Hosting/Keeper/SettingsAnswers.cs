using Stolon.Hosting.Postgres;

namespace Stolon.Hosting.Keeper;

/// <summary>
/// Answers an operator's questions by the running instance, where this keeper has one of the cluster: it is the keeper who is next to a
/// server and has its password (ADR 0017).
/// </summary>
internal sealed class SettingsAnswers(IPostgresInstance instance, KeeperMemory memory, TimeProvider time)
{
    /// <summary>How long all of it may take: whoever asked does not wait longer, and the keeper has other things to do.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Answers what is open. A server that cannot be asked gives no answer, and whoever asked hears that nobody gave one.</summary>
    /// <param name="cancellationToken">The host ends.</param>
    /// <returns>When answered, or given up.</returns>
    public async Task AnswerAsync(CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        foreach (var question in memory.Assigned is null ? [] : memory.Questions.Open)
        {
            try
            {
                memory.Questions.Answer(await instance.CheckAsync(question, either.Token).ConfigureAwait(false));
                memory.PublishAgain.Ring();
            }
            catch (Exception exception) when (exception is PostgresInstanceException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // It may be there at the next pass, while the question stands.
            }
        }
    }
}
