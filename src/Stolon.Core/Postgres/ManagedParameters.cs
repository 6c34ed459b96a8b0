using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Stolon.Postgres;

/// <summary>The parameters that are ours (G6): not reported, so that they never become part of a cluster spec.</summary>
internal static class ManagedParameters
{
    /// <summary>The parameters of recovery (C1): written only by <see cref="RecoverySettings"/>.</summary>
    public static readonly ImmutableArray<string> Recovery =
    [
        "primary_conninfo", "primary_slot_name", "recovery_min_apply_delay", "restore_command", "recovery_target_timeline",
        "recovery_target", "recovery_target_lsn", "recovery_target_name", "recovery_target_time", "recovery_target_xid",
        "recovery_target_action", "recovery_target_inclusive",
    ];

    /// <summary>The cluster spec's value is never used: the whole cluster's safety, or the place on this machine, hangs on ours.</summary>
    private static readonly FrozenSet<string> Forced = FrozenSet.Create(
        StringComparer.Ordinal,
        "unix_socket_directories", "listen_addresses", "port", "hot_standby", "max_replication_slots", "max_wal_senders",
        "synchronous_standby_names", "restart_after_crash", "wal_keep_segments", "log_directory",
        // A file that promotes behind our back.
        "promote_trigger_file", "trigger_file",
        // Where the files of one machine's instance are: an adopted instance of a distribution has them in its postgresql.conf.
        "data_directory", "config_file", "hba_file", "ident_file", "external_pid_file");

    /// <summary>Ours unless the cluster spec has a value.</summary>
    private static readonly FrozenSet<string> Defaulted = FrozenSet.Create(
        StringComparer.Ordinal,
        "wal_keep_size", "wal_log_hints", "wal_retrieve_retry_interval", "wal_receiver_status_interval", "logging_collector",
        "log_filename", "log_rotation_age", "log_rotation_size", "log_truncate_on_rotation");

    /// <summary>Whether the cluster spec has no say.</summary>
    /// <param name="name">The name in lower case.</param>
    /// <returns>True if only our own value is ever written.</returns>
    public static bool IsForced(string name) => Forced.Contains(name) || Recovery.Contains(name);

    /// <summary>Whether we write a value unless the cluster spec has one.</summary>
    /// <param name="name">The name in lower case.</param>
    /// <returns>True if so.</returns>
    public static bool IsDefaulted(string name) => Defaulted.Contains(name);
}
