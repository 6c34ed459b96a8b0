using Stolon.Cluster;
using Stolon.Convergence;
using Stolon.Hosting.Postgres;
using Stolon.Postgres;

namespace Stolon.Hosting.Keeper;

/// <summary>Renders what the document asks of this keeper, with what only this keeper knows: its addresses, users and folders.</summary>
internal sealed class DesiredFactory(KeeperSettings settings, KeeperDirectory directory, IPostgresInstance instance, RefusedSettings refused, KeeperMemory memory)
{
    /// <summary>The superuser can log in at another member, as pg_rewind has to (R2).</summary>
    public bool SuperuserCanLogIn => !string.IsNullOrEmpty(settings.Superuser.Password);

    /// <summary>What a document asks of this keeper.</summary>
    /// <param name="data">The document; its spec is valid.</param>
    /// <returns>The wish, with its configurations rendered.</returns>
    public Desired From(ClusterData data)
    {
        var db = data.DatabaseOf(memory.Self);
        var recovery = db is null ? null : Recovery(data, db);
        var rendered = db is null ? null : refused.Without(db);
        return new Desired
        {
            Data = data,
            Self = memory.Self,
            Db = db,
            Open = recovery is null ? null : Configuration(data, rendered!, recovery, internalOnly: false),
            Closed = recovery is null ? null : Configuration(data, rendered!, recovery, internalOnly: true),
        };
    }

    /// <summary>Where a db streams from, if that is a db of this cluster whose address is known.</summary>
    /// <param name="data">The document.</param>
    /// <param name="db">The db.</param>
    /// <returns>The followed server, with the replication user; null when there is none.</returns>
    public ConnInfo? Followed(ClusterData data, Database db) =>
        db.Spec is { Role: Role.Standby, Follow: { Type: FollowType.Internal, Db: { } id } }
            && data.Databases.Find(id) is { Status: { ListenAddress.Length: > 0 } status } && int.TryParse(status.Port, out var port)
            ? new ConnInfo(status.ListenAddress, port, settings.Replication.UserName, "")
            : null;

    private static PostgresUser UserOf(PostgresCredentials credentials) =>
        new(credentials.UserName, credentials.AuthMethod.Length > 0 ? credentials.AuthMethod : null);

    private ServerConfiguration Configuration(ClusterData data, Database db, RecoverySettings recovery, bool internalOnly)
    {
        var hba = HbaRules.For(HbaSettings.For(data, db, UserOf(settings.Superuser), UserOf(settings.Replication), internalOnly));
        var parameters = Parameters.For(db.Spec, new ServerSettings
        {
            Version = instance.Version,
            ListenAddress = settings.ListenAddress,
            Port = settings.Port,
            SocketDirectory = instance.SocketDirectory,
            LogDirectory = instance.LogDirectory,
            InitPgParameters = directory.DbState.InitPgParameters,
            CurrentSynchronousStandbyNames = instance.RunningWith?.Parameters.Find("synchronous_standby_names") ?? "",
            AuthMethod = new ClusterSettings(data.Cluster.Spec).AuthMethod,
        });
        return recovery.With(parameters, hba) with { InternalOnly = internalOnly };
    }

    /// <summary>Null while the db to follow is not known (K20).</summary>
    private RecoverySettings? Recovery(ClusterData data, Database db)
    {
        if (db.Spec.Role == Role.Primary)
        {
            return RecoverySettings.None;
        }

        if (db.Spec.Follow is not { Type: FollowType.Internal })
        {
            return RecoverySettings.FollowingOutside(db.Spec.Follow?.StandbySettings, db.Spec.Follow?.ArchiveRecoverySettings);
        }

        return Followed(data, db) is { } followed ? RecoverySettings.Following(db.Uid, followed, instance.PassFile) : null;
    }
}
