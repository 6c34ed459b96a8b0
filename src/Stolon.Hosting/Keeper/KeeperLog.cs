using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Convergence;

namespace Stolon.Hosting.Keeper;

/// <summary>What a keeper tells its operator. A steady state is silent.</summary>
internal static partial class KeeperLog
{
    public static void Acting(this ILogger logger, string keeper, KeeperAction action)
    {
        switch (action)
        {
            case KeeperAction.AdoptCluster adopt:
                logger.Adopting(keeper, adopt.ClusterUid);
                break;
            case KeeperAction.Stop stop:
                logger.Stopping(keeper, stop.Why);
                break;
            case KeeperAction.Fence fence:
                logger.Fencing(keeper, fence.Why);
                break;
            case KeeperAction.Create:
                logger.Creating(keeper);
                break;
            case KeeperAction.TakeOver:
                logger.TakingOver(keeper);
                break;
            case KeeperAction.Restore:
                logger.Restoring(keeper);
                break;
            case KeeperAction.Resync resync:
                logger.Resyncing(keeper, resync.Plan.Source.Uid, resync.Plan.Method, resync.Plan.Why);
                break;
            case KeeperAction.Start start:
                logger.Starting(keeper, start.AsPrimary ? "primary, closed to clients" : "standby");
                break;
            case KeeperAction.Restart:
                logger.Restarting(keeper);
                break;
            case KeeperAction.Reload { OpensToClients: true }:
                logger.Opening(keeper);
                break;
            case KeeperAction.Reload:
                logger.Reloading(keeper);
                break;
            case KeeperAction.Promote:
                logger.Promoting(keeper);
                break;
            case KeeperAction.PrepareSwitchover prepare:
                logger.Preparing(keeper, prepare.Switchover);
                break;
            case KeeperAction.StandDown standDown:
                logger.StandingDown(keeper, standDown.Switchover);
                break;
            case KeeperAction.RecordConverged converged:
                logger.Converged(keeper, converged.Generation);
                break;
        }
    }

    [LoggerMessage(2000, LogLevel.Information, "{Keeper} runs {Uid} in {DataDirectory} with PostgreSQL {Version}.")]
    public static partial void Running(this ILogger logger, string keeper, KeeperId uid, string dataDirectory, string version);

    [LoggerMessage(2001, LogLevel.Information, "{Keeper} has stopped, and its PostgreSQL with it.")]
    public static partial void Stopped(this ILogger logger, string keeper);

    [LoggerMessage(2002, LogLevel.Information, "{Keeper}: waiting: {Why}.")]
    public static partial void Waiting(this ILogger logger, string keeper, string why);

    [LoggerMessage(2003, LogLevel.Error, "{Keeper}: {Why}.")]
    public static partial void Refusing(this ILogger logger, string keeper, string why);

    [LoggerMessage(2004, LogLevel.Warning, "{Keeper}: a step failed and is tried again: {Failure}")]
    public static partial void StepFailed(this ILogger logger, string keeper, string failure);

    [LoggerMessage(2005, LogLevel.Warning, "{Keeper}: the store cannot be read: {Failure}")]
    public static partial void StoreUnreadable(this ILogger logger, string keeper, string failure);

    [LoggerMessage(2006, LogLevel.Error, "{Keeper}: the document cannot be understood, and nothing is done: {Failure}")]
    public static partial void DocumentUnreadable(this ILogger logger, string keeper, string failure);

    [LoggerMessage(2007, LogLevel.Warning, "{Keeper}: {Failure}")]
    public static partial void SlotNotDropped(this ILogger logger, string keeper, string failure);

    [LoggerMessage(2008, LogLevel.Information, "{Keeper}: the store can be read again.")]
    public static partial void StoreReadable(this ILogger logger, string keeper);

    [LoggerMessage(2022, LogLevel.Warning,
        "{Keeper}: PostgreSQL does not accept {Refused}. What was in force before stays, and the rest is done; correct the specification.")]
    public static partial void SettingsRefused(this ILogger logger, string keeper, string refused);

    [LoggerMessage(2077, LogLevel.Information, "{Keeper}: the role {Role} had another password and has the one of this keeper now.")]
    public static partial void PasswordSet(this ILogger logger, string keeper, string role);

    [LoggerMessage(2031, LogLevel.Information, "{Keeper}: copied {Copied} of {Total} bytes.")]
    public static partial void Copied(this ILogger logger, string keeper, long copied, long total);

    [LoggerMessage(2010, LogLevel.Information, "{Keeper}: the data directory belongs to cluster {ClusterUid} from now on.")]
    private static partial void Adopting(this ILogger logger, string keeper, string clusterUid);

    [LoggerMessage(2011, LogLevel.Information, "{Keeper}: stopping PostgreSQL: {Why}.")]
    private static partial void Stopping(this ILogger logger, string keeper, string why);

    [LoggerMessage(2012, LogLevel.Warning, "{Keeper}: stopping PostgreSQL at once: {Why}.")]
    private static partial void Fencing(this ILogger logger, string keeper, string why);

    [LoggerMessage(2013, LogLevel.Information, "{Keeper}: making a new PostgreSQL cluster.")]
    private static partial void Creating(this ILogger logger, string keeper);

    [LoggerMessage(2014, LogLevel.Information, "{Keeper}: taking over the data that is there.")]
    private static partial void TakingOver(this ILogger logger, string keeper);

    [LoggerMessage(2032, LogLevel.Information, "{Keeper}: restoring a backup.")]
    private static partial void Restoring(this ILogger logger, string keeper);

    [LoggerMessage(2033, LogLevel.Warning, "{Keeper}: pg_rewind did not help, so everything is copied: {Why}")]
    public static partial void NotRewound(this ILogger logger, string keeper, string why);

    [LoggerMessage(2034, LogLevel.Warning, "{Keeper}: {Parameters}.")]
    public static partial void ParametersLeftOut(this ILogger logger, string keeper, string parameters);

    [LoggerMessage(2015, LogLevel.Information, "{Keeper}: resync from db {Source} by {Method}: {Why}.")]
    private static partial void Resyncing(this ILogger logger, string keeper, DbId source, ResyncMethod method, string why);

    [LoggerMessage(2016, LogLevel.Information, "{Keeper}: starting PostgreSQL as {What}.")]
    private static partial void Starting(this ILogger logger, string keeper, string what);

    [LoggerMessage(2017, LogLevel.Information, "{Keeper}: restarting PostgreSQL: a parameter needs it.")]
    private static partial void Restarting(this ILogger logger, string keeper);

    [LoggerMessage(2018, LogLevel.Information, "{Keeper}: opening PostgreSQL to clients.")]
    private static partial void Opening(this ILogger logger, string keeper);

    [LoggerMessage(2019, LogLevel.Information, "{Keeper}: loading a changed configuration.")]
    private static partial void Reloading(this ILogger logger, string keeper);

    [LoggerMessage(2020, LogLevel.Information, "{Keeper}: promoting PostgreSQL to primary.")]
    private static partial void Promoting(this ILogger logger, string keeper);

    [LoggerMessage(2023, LogLevel.Information, "{Keeper}: writing a checkpoint for switchover {Switchover}.")]
    private static partial void Preparing(this ILogger logger, string keeper, string switchover);

    [LoggerMessage(2024, LogLevel.Information, "{Keeper}: stopping PostgreSQL for switchover {Switchover}.")]
    private static partial void StandingDown(this ILogger logger, string keeper, string switchover);

    [LoggerMessage(2021, LogLevel.Debug, "{Keeper}: generation {Generation} is reached.")]
    private static partial void Converged(this ILogger logger, string keeper, long generation);
}
