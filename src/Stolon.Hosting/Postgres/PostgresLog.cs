using Microsoft.Extensions.Logging;

namespace Stolon.Hosting.Postgres;

/// <summary>What the driver tells operators. Event ids 5000 to 5999.</summary>
internal static partial class PostgresLog
{
    [LoggerMessage(5001, LogLevel.Information, "PostgreSQL {Version} from {Folder}, run as {User}, data in {Pgdata}.")]
    public static partial void Opened(this ILogger logger, Stolon.Postgres.ServerVersion version, string folder, string user, string pgdata);

    [LoggerMessage(5002, LogLevel.Warning, "{Remark}")]
    public static partial void UnknownVersion(this ILogger logger, string remark);

    [LoggerMessage(5010, LogLevel.Information, "PostgreSQL is started on port {Port}: postmaster {Postmaster}, guard {Guard}.")]
    public static partial void Started(this ILogger logger, int port, int postmaster, int guard);

    [LoggerMessage(5011, LogLevel.Information, "PostgreSQL and its guard have ended; the postmaster's status was {Status}.")]
    public static partial void Ended(this ILogger logger, int status);

    [LoggerMessage(5012, LogLevel.Warning, "Ending {Count} processes of an earlier life of {Pgdata}.")]
    public static partial void EndingSurvivors(this ILogger logger, int count, string pgdata);

    [LoggerMessage(5013, LogLevel.Warning, "PostgreSQL did not stop within {Limit}; it is stopped {Next} now.")]
    public static partial void StopEscalates(this ILogger logger, TimeSpan limit, StopMode next);

    [LoggerMessage(5014, LogLevel.Error, "The guard's lease could not be written: the guard may end PostgreSQL at the lease written before.")]
    public static partial void LeaseNotWritten(this ILogger logger, Exception error);

    [LoggerMessage(5015, LogLevel.Information, "PostgreSQL is stopped ({Mode}).")]
    public static partial void Stopped(this ILogger logger, StopMode mode);

    [LoggerMessage(5020, LogLevel.Information, "A new PostgreSQL cluster is made in {Pgdata}.")]
    public static partial void Creating(this ILogger logger, string pgdata);

    [LoggerMessage(5021, LogLevel.Warning, "The data that was in {Pgdata} is kept in {Kept}. Delete it when nobody needs it any more.")]
    public static partial void Kept(this ILogger logger, string pgdata, string kept);

    [LoggerMessage(5022, LogLevel.Information, "{Pgdata} is copied from {Host}:{Port}.")]
    public static partial void Copying(this ILogger logger, string pgdata, string host, int port);

    [LoggerMessage(5023, LogLevel.Information, "The copy of {Host}:{Port} is complete.")]
    public static partial void Copied(this ILogger logger, string host, int port);

    [LoggerMessage(5024, LogLevel.Warning, "{Pgdata} is replaced in place, since {Why}; {Host}:{Port} was just seen alive with the same data.")]
    public static partial void CopyingInPlace(this ILogger logger, string pgdata, string why, string host, int port);

    [LoggerMessage(5025, LogLevel.Warning, "An interrupted exchange of the data directory was found: {What}.")]
    public static partial void Repaired(this ILogger logger, string what);

    [LoggerMessage(5026, LogLevel.Information, "A backup is restored into {Pgdata} by the dataRestoreCommand.")]
    public static partial void Restoring(this ILogger logger, string pgdata);

    [LoggerMessage(5027, LogLevel.Debug, "dataRestoreCommand: {Line}")]
    public static partial void RestoreSaid(this ILogger logger, string line);

    [LoggerMessage(5028, LogLevel.Information, "The backup is in {Pgdata}; PostgreSQL recovers it now.")]
    public static partial void Recovering(this ILogger logger, string pgdata);

    [LoggerMessage(5029, LogLevel.Information, "The backup in {Pgdata} is recovered.")]
    public static partial void Restored(this ILogger logger, string pgdata);

    [LoggerMessage(5033, LogLevel.Information, "{Pgdata} is rewound by pg_rewind from {Host}:{Port}.")]
    public static partial void Rewinding(this ILogger logger, string pgdata, string host, int port);

    [LoggerMessage(5034, LogLevel.Warning, "The rewound instance did not become ready: {Why}")]
    public static partial void RewoundNotReady(this ILogger logger, string why);

    [LoggerMessage(5035, LogLevel.Information, "The standby keeps {Limits} until it has replayed that the primary runs with less: with less it would not start.")]
    public static partial void LimitsRaised(this ILogger logger, string limits);

    /// <summary>A change of the data directory that a crash may follow: each leaves what a start can finish or undo.</summary>
    [LoggerMessage(5036, LogLevel.Trace, "The data directory changes: {Step}.")]
    public static partial void Step(this ILogger logger, string step);

    [LoggerMessage(5030, LogLevel.Information, "The configuration is loaded.")]
    public static partial void Applied(this ILogger logger);

    [LoggerMessage(5031, LogLevel.Information, "PostgreSQL is promoted: it is a primary now.")]
    public static partial void Promoted(this ILogger logger);

    [LoggerMessage(5032, LogLevel.Information, "Replication slot {Slot} was {What}.")]
    public static partial void SlotChanged(this ILogger logger, string slot, string what);
}
