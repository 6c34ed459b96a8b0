using System.Collections.Immutable;
using Stolon.Hosting.Administration;
using Stolon.Storage;

namespace QuickStart.Output;

/// <summary>Shows each decision of the cluster with its reason, and who is what when that has changed.</summary>
internal sealed class DecisionFeed(Screen screen, IClusterStore store, IStolonAdministration administration)
{
    private ImmutableArray<Decision> shown = [];
    private string summary = "";
    private string failure = "";

    /// <summary>What happened before is not shown.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When known.</returns>
    public async Task SkipPastAsync(CancellationToken cancellationToken)
    {
        try
        {
            shown = await administration.GetHistoryAsync(cancellationToken);
        }
        catch (StoreUnavailableException)
        {
            // The loop says so.
        }
    }

    /// <summary>Shows until cancelled.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>When ended.</returns>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var _ in store.WatchAsync(StoreChange.ClusterData, cancellationToken))
            {
                await ShowNewsAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private async Task ShowNewsAsync(CancellationToken cancellationToken)
    {
        try
        {
            var history = await administration.GetHistoryAsync(cancellationToken);
            var last = shown.IsEmpty ? -1 : history.LastIndexOf(shown[^1]);
            foreach (var decision in history.Skip(last + 1))
            {
                screen.Say($"* {decision.Text}");
            }

            shown = history;
            var status = await administration.GetStatusAsync(cancellationToken);
            if (StatusText.Summary(status) is var now && now != summary && status.Uid is not null)
            {
                summary = now;
                screen.Say($"= {summary}");
            }

            failure = "";
        }
        catch (Exception exception) when (exception is StoreUnavailableException or Stolon.Cluster.ClusterDataException)
        {
            if (exception.Message != failure)
            {
                failure = exception.Message;
                screen.Say($"! {failure}");
            }
        }
    }
}
