using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Stolon.Aspire.Running;
using Stolon.Aspire.Topology;
using Stolon.Cluster;
using Stolon.Hosting;
using Stolon.Hosting.Administration;
using Stolon.Storage;

namespace Stolon.Aspire;

/// <summary>The commands of the dashboard.</summary>
internal static class StolonCommands
{
    /// <summary>Gives a cluster its commands.</summary>
    /// <param name="builder">The cluster.</param>
    public static void AddToCluster(IResourceBuilder<StolonClusterResource> builder)
    {
        var cluster = builder.Resource;
        builder.WithCommand(
            "stolon-switchover", "Switch over", context => RunAsync(cluster, SwitchOverAsync, context.CancellationToken),
            new CommandOptions
            {
                Description = "Another instance becomes the primary in a planned way: clients wait for a moment, and nothing is lost.",
                ConfirmationMessage = "Make another instance the primary?",
                IconName = "ArrowSwap",
                IsHighlighted = true,
                UpdateState = WhenHealthy,
            });
        builder.WithCommand(
            "stolon-failover", "Fail over", context => RunAsync(cluster, FailPrimaryAsync, context.CancellationToken),
            new CommandOptions
            {
                Description = "The primary's keeper counts as failed once. Without synchronous replication, rows that no standby has yet are lost.",
                ConfirmationMessage = "Treat the primary as failed? Rows that no standby has yet are lost.",
                IconName = "Flash",
                UpdateState = WhenHealthy,
            });
        builder.WithCommand(
            "stolon-status", "Status", context => RunAsync(cluster, DescribeAsync, context.CancellationToken, showText: true),
            new CommandOptions { Description = "Who is primary, what is wrong, and what was decided last, with the reasons.", IconName = "TextDescription" });
    }

    /// <summary>Gives a keeper its commands.</summary>
    /// <param name="builder">The keeper.</param>
    public static void AddToKeeper<T>(IResourceBuilder<T> builder)
        where T : IStolonMember
    {
        var (cluster, keeper) = (builder.Resource.Cluster, new KeeperId(MemberNames.KeeperUid(builder.Resource.Ordinal)));
        builder.WithCommand(
            "stolon-failkeeper", "Fail keeper",
            context => RunAsync(
                cluster,
                async (administration, cancellationToken) =>
                {
                    await administration.FailKeeperAsync(keeper, cancellationToken).ConfigureAwait(false);
                    return (true, $"{keeper} counts as failed once.");
                },
                context.CancellationToken),
            new CommandOptions
            {
                Description = "It counts as failed once: if it holds the primary, another takes over.",
                ConfirmationMessage = $"Treat {keeper} as failed?",
                IconName = "Flash",
            });
        builder.WithCommand(
            "stolon-removekeeper", "Remove keeper",
            context => RunAsync(
                cluster,
                async (administration, cancellationToken) =>
                {
                    await administration.RemoveKeeperAsync(keeper, cancellationToken).ConfigureAwait(false);
                    return (true, $"{keeper} is forgotten. One that still runs registers anew.");
                },
                context.CancellationToken),
            new CommandOptions
            {
                Description = "The cluster forgets it and its instance. Not possible for the primary.",
                ConfirmationMessage = $"Forget {keeper}?",
                IconName = "Delete",
            });
    }

    private static async Task<(bool Done, string Text)> SwitchOverAsync(IStolonAdministration administration, CancellationToken cancellationToken)
    {
        // Asked before: one that is finished is not to look failed because the store does not answer afterwards.
        var overview = await administration.GetStatusAsync(cancellationToken).ConfigureAwait(false);
        var result = await administration.SwitchoverAsync(options: null, cancellationToken).ConfigureAwait(false);
        return (result.Outcome == SwitchoverOutcome.Finished, ClusterView.ByKeeper(overview, result.Text));
    }

    private static async Task<(bool Done, string Text)> FailPrimaryAsync(IStolonAdministration administration, CancellationToken cancellationToken)
    {
        var overview = await administration.GetStatusAsync(cancellationToken).ConfigureAwait(false);
        if (overview.PrimaryKeeper is not { } primary)
        {
            return (false, "There is no primary.");
        }

        await administration.FailKeeperAsync(primary, cancellationToken).ConfigureAwait(false);
        return (true, $"{primary} counts as failed once.");
    }

    private static async Task<(bool Done, string Text)> DescribeAsync(IStolonAdministration administration, CancellationToken cancellationToken)
    {
        var overview = await administration.GetStatusAsync(cancellationToken).ConfigureAwait(false);
        return (true, ClusterView.Describe(overview, await administration.GetHistoryAsync(cancellationToken).ConfigureAwait(false)));
    }

    private static async Task<ExecuteCommandResult> RunAsync(
        StolonClusterResource cluster, Func<IStolonAdministration, CancellationToken, Task<(bool Done, string Text)>> command, CancellationToken cancellationToken, bool showText = false)
    {
        try
        {
            var administration = await cluster.Access.OpenAsync(cancellationToken).ConfigureAwait(false);
            var (done, text) = await command(administration, cancellationToken).ConfigureAwait(false);
            return !done ? CommandResults.Failure(text)
                : showText ? CommandResults.Success("", text, CommandResultFormat.Text, displayImmediately: true)
                : CommandResults.Success(text);
        }
        catch (Exception exception) when (exception is StolonException or StoreUnavailableException or ClusterDataException)
        {
            return CommandResults.Failure(exception.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return CommandResults.Canceled();
        }
    }

    private static ResourceCommandState WhenHealthy(UpdateCommandStateContext context) =>
        context.ResourceSnapshot.HealthStatus == HealthStatus.Healthy ? ResourceCommandState.Enabled : ResourceCommandState.Disabled;
}
