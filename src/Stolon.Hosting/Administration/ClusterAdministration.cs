using System.Collections.Immutable;
using Stolon.Cluster;
using Stolon.Hosting.Sentinel;
using Stolon.Hosting.Stores;
using Stolon.Observation;
using Stolon.Planning;
using Stolon.Storage;

namespace Stolon.Hosting.Administration;

/// <inheritdoc cref="IStolonAdministration"/>
/// <param name="clusterName">The cluster's name.</param>
/// <param name="store">The cluster's store.</param>
/// <param name="time">The clock.</param>
internal sealed class ClusterAdministration(string clusterName, IClusterStore store, TimeProvider time) : IStolonAdministration
{
    /// <inheritdoc/>
    public string ClusterName => clusterName;

    /// <inheritdoc/>
    public async Task InitAsync(ClusterSpec spec, InitOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        options ??= new InitOptions();
        var complete = spec.WithFastDefaults();
        var forced = complete.ValidateForForcedInit();
        SpecChange.Refuse(options.Force ? forced : complete.ValidateForInit(), canBeForced: !options.Force && forced.IsEmpty);
        (store as EmbeddedClusterStore)?.AllowNew();
        var held = await ReadHeldRevisionAsync(cancellationToken).ConfigureAwait(false);
        var data = await NewDataAsync(complete, options, held ?? 0, cancellationToken).ConfigureAwait(false);
        var replaced = options.Replace && held is not null ? " It replaces what the store held." : "";
        var setAside = options.DiscardData ? " Keepers may set other data aside." : "";
        var decision = Decide("ClusterCreated", $"An operator created cluster {data.Cluster.Uid}.{replaced}{setAside}");
        if (options.Replace)
        {
            await store.OverwriteAsync(data, [decision], cancellationToken).ConfigureAwait(false);
        }
        else if (!await store.TryWriteAsync(data, expected: null, [decision], cancellationToken).ConfigureAwait(false))
        {
            throw new StolonException(
                $"The cluster {clusterName} exists already; nothing was changed. Change it with an update, or replace it by a new one, which gives up "
                + "the existing one.");
        }
    }

    /// <inheritdoc/>
    public Task UpdateAsync(ClusterSpec spec, CancellationToken cancellationToken) => UpdateAsync(spec, options: null, cancellationToken);

    /// <inheritdoc/>
    public Task PatchAsync(string mergePatch, CancellationToken cancellationToken) => PatchAsync(mergePatch, options: null, cancellationToken);

    /// <inheritdoc/>
    public Task UpdateAsync(ClusterSpec spec, UpdateOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return ChangeSpecAsync(_ => spec, options, cancellationToken);
    }

    /// <inheritdoc/>
    public Task PatchAsync(string mergePatch, UpdateOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(mergePatch);
        return ChangeSpecAsync(current => SpecChange.Patch(current, mergePatch), options, cancellationToken);
    }

    /// <inheritdoc/>
    public Task PromoteAsync(CancellationToken cancellationToken) =>
        ChangeAsync(
            data => data.Cluster.Spec.Role is null or Role.Primary ? null : (
                WithSpec(data, data.Cluster.Spec with { Role = Role.Primary }),
                Decide("ClusterPromoted", "An operator promoted the cluster: it follows nobody outside any more.")),
            cancellationToken);

    /// <inheritdoc/>
    public Task FailKeeperAsync(KeeperId keeper, CancellationToken cancellationToken) =>
        ChangeAsync(
            data =>
            {
                var record = FindKeeper(data, keeper);
                var failed = record with { Status = record.Status with { ForceFail = true } };
                return (
                    data with { Keepers = data.Keepers.With(keeper, failed) },
                    Decide("KeeperForcedToFail", $"An operator asked to treat keeper {keeper} as failed."));
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task RemoveKeeperAsync(KeeperId keeper, CancellationToken cancellationToken) =>
        ChangeAsync(
            data =>
            {
                FindKeeper(data, keeper);
                var db = data.DatabaseOf(keeper);
                if (db is not null && db.Uid == data.Cluster.Status.Primary)
                {
                    throw new StolonException(
                        $"Keeper {keeper} holds the primary of {clusterName} and cannot be removed. Let another keeper take over first: fail {keeper}.");
                }

                var databases = db is null ? data.Databases : data.Databases.Without(db.Uid);
                return (
                    data with { Keepers = data.Keepers.Without(keeper), Databases = databases },
                    Decide("KeeperRemoved", $"An operator removed keeper {keeper}."));
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<SwitchoverResult> SwitchoverAsync(SwitchoverOptions? options, CancellationToken cancellationToken) =>
        new SwitchoverRequest(clusterName, store, time).RunAsync(options ?? new SwitchoverOptions(), cancellationToken);

    /// <inheritdoc/>
    public async Task<ClusterOverview> GetStatusAsync(CancellationToken cancellationToken)
    {
        var stored = await store.ReadAsync(cancellationToken).ConfigureAwait(false);
        var reports = await store.ListReportsAsync(cancellationToken).ConfigureAwait(false);
        var leader = await store.ReadLeaderAsync(cancellationToken).ConfigureAwait(false);
        return OverviewBuilder.Build(clusterName, stored?.Data, reports, leader, new PassTime(TimeSpan.Zero, time.GetUtcNow()));
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<Decision>> GetHistoryAsync(CancellationToken cancellationToken) =>
        await store.ReadHistoryAsync(cancellationToken).ConfigureAwait(false);

    private static ClusterData WithSpec(ClusterData data, ClusterSpec spec) =>
        data with { Cluster = data.Cluster with { Spec = spec } };

    private KeeperRecord FindKeeper(ClusterData data, KeeperId keeper) =>
        data.Keepers.Find(keeper)
        ?? throw new StolonException(
            $"The cluster {clusterName} has no keeper {keeper}; it has {(data.Keepers.Count == 0 ? "none" : string.Join(", ", data.Keepers.Keys))}.");

    private Decision Decide(string kind, string text) => new(time.GetUtcNow(), "", kind, text);

    /// <summary>The document of a new cluster. Its revision is above everything that keepers ever saw (Q33).</summary>
    private async Task<ClusterData> NewDataAsync(ClusterSpec spec, InitOptions options, long heldRevision, CancellationToken cancellationToken)
    {
        var reports = await store.ListReportsAsync(cancellationToken).ConfigureAwait(false);
        var seen = reports.Keepers.Select(keeper => keeper.SeenRevision).Append(heldRevision);
        var data = NewClusterData.Initial(spec, SentinelPass.NewId(), new PassTime(TimeSpan.Zero, time.GetUtcNow()));
        return data with
        {
            Revision = seen.Max() + 1,
            Cluster = data.Cluster with { Status = data.Cluster.Status with { DiscardData = options.DiscardData } },
        };
    }

    /// <summary>The revision of the document that the store holds; null = it holds none.</summary>
    private async Task<long?> ReadHeldRevisionAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await store.ReadAsync(cancellationToken).ConfigureAwait(false))?.Data.Revision;
        }
        catch (ClusterDataException)
        {
            // What cannot be understood is replaced only if that was asked for; it has no revision that counts.
            return 0;
        }
    }

    private Task ChangeSpecAsync(Func<ClusterSpec, ClusterSpec> change, UpdateOptions? options, CancellationToken cancellationToken)
    {
        options ??= new UpdateOptions();
        (ClusterSpec From, ClusterSpec To)? accepted = null;
        return ChangeAsync(
            async data =>
            {
                var (current, next) = (data.Cluster.Spec, change(data.Cluster.Spec));
                var forced = next.ValidateForForcedUpdate(current);
                SpecChange.Refuse(options.Force ? forced : next.ValidateForUpdate(current), canBeForced: !options.Force && forced.IsEmpty);
                var changed = SpecChange.ChangedMembers(current, next);
                if (changed.IsEmpty)
                {
                    return null;
                }

                if (!options.Force && accepted != (current, next))
                {
                    await AskServerAsync(data, next, options, cancellationToken).ConfigureAwait(false);
                    accepted = (current, next);
                }

                return (WithSpec(data, next), Decide("SpecUpdated", $"An operator changed the specification: {string.Join(", ", changed)}."));
            },
            cancellationToken);
    }

    /// <summary>What would hurt a live server is found out before it is written (A2).</summary>
    private async Task AskServerAsync(ClusterData data, ClusterSpec next, UpdateOptions options, CancellationToken cancellationToken)
    {
        if (ServerCheck.Question(data, next) is not { } question)
        {
            return;
        }

        var answer = await new ServerCheck(store, time).AskAsync(data, question, options.CheckLimit, cancellationToken).ConfigureAwait(false);
        if (answer is null)
        {
            string[] asked = [.. question.PgParameters.Keys.Select(name => $"$.pgParameters.{name}"), .. question.PgHba.Take(1).Select(_ => "$.pgHBA")];
            var mistake = $"{string.Join(", ", asked)}: expected a running server of the cluster to check this with, found none that answered within "
                + $"{GoDuration.Format(options.CheckLimit)}";
            throw new InvalidSpecException(mistakes: [mistake]) { CanBeForced = true };
        }

        SpecChange.Refuse([.. answer.Mistakes], canBeForced: true);
        foreach (var name in next.AutomaticPgRestart is true ? [] : answer.NeedRestart)
        {
            options.Remarks?.Invoke($"$.pgParameters.{name}: takes effect when PostgreSQL is restarted");
        }
    }

    private Task ChangeAsync(Func<ClusterData, (ClusterData Next, Decision Decision)?> change, CancellationToken cancellationToken) =>
        ChangeAsync(data => Task.FromResult(change(data)), cancellationToken);

    private Task ChangeAsync(Func<ClusterData, Task<(ClusterData Next, Decision Decision)?>> change, CancellationToken cancellationToken) =>
        new DocumentChange(clusterName, store, time).RunAsync(change, cancellationToken);
}
