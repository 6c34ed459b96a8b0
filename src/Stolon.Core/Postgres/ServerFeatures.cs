using Stolon.Cluster;

namespace Stolon.Postgres;

/// <summary>
/// What differs between the supported versions of PostgreSQL, each difference once. A version newer than any known here is treated
/// like the newest known one.
/// </summary>
/// <remarks>
/// Sources: PostgreSQL's release notes 13 to 18, sections "Migration to Version", and for what a reload takes up, the context of the
/// parameter in <c>guc.c</c> (<c>restore_command</c> became <c>PGC_SIGHUP</c> in 14).
/// </remarks>
public static class ServerFeatures
{
    /// <summary>Parameters that were taken out, by the first version without them: a server that finds one in its file does not start.</summary>
    private static readonly (string Name, int GoneIn)[] Removed =
    [
        ("wal_keep_segments", 13),
        ("operator_precedence_warning", 14), ("vacuum_cleanup_index_scale_factor", 14),
        ("stats_temp_directory", 15),
        ("promote_trigger_file", 16), ("vacuum_defer_cleanup_age", 16),
        ("old_snapshot_threshold", 17), ("db_user_namespace", 17), ("trace_recovery_messages", 17),
    ];

    extension(ServerVersion version)
    {
        /// <summary>What <c>password_encryption</c> means when it is not set: md5 up to 13, SCRAM from 14.</summary>
        public string DefaultPasswordEncryption => version.Major >= 14 ? AuthMethods.Scram : AuthMethods.Md5;

        /// <summary>Whether <c>initdb</c> turns data checksums on unless told otherwise: from 18.</summary>
        public bool ChecksumsByDefault => version.Major >= 18;

        /// <summary>Whether the server warns of MD5 secrets (<c>md5_password_warnings</c>): from 18.</summary>
        public bool WarnsOfMd5 => version.Major >= 18;

        /// <summary>Whether an idle slot can be made invalid by <c>idle_replication_slot_timeout</c>: from 18.</summary>
        public bool InvalidatesIdleSlots => version.Major >= 18;

        /// <summary>Whether standbys can copy logical slots (<c>sync_replication_slots</c>, <c>synchronized_standby_slots</c>): from 17.</summary>
        public bool SynchronizesSlots => version.Major >= 17;

        /// <summary>Whether <c>pg_hba_file_rules</c> names the file of each rule (<c>file_name</c>, <c>rule_number</c>): from 16.</summary>
        public bool HbaRulesNameTheirFile => version.Major >= 16;

        /// <summary>Whether a file can promote the server (<c>promote_trigger_file</c>): up to 15.</summary>
        public bool HasPromoteTriggerFile => version.Major < 16;

        /// <summary>The option that makes <c>initdb</c> follow <see cref="NewConfig.DataChecksums"/>; null = none is needed.</summary>
        /// <param name="wanted">Whether data checksums are wanted.</param>
        /// <returns>The option.</returns>
        public string? ChecksumOption(bool wanted) =>
            wanted ? "--data-checksums" : version.ChecksumsByDefault ? "--no-data-checksums" : null;

        /// <summary>Whether the server has a parameter, as far as this table knows.</summary>
        /// <param name="parameter">Its name in lower case.</param>
        /// <returns>False if it was taken out in this version or before.</returns>
        public bool Knows(string parameter) =>
            !Array.Exists(Removed, removed => removed.Name == parameter && version.Major >= removed.GoneIn);

        /// <summary>Whether a change of a recovery parameter (C1) is taken up by a reload (Q20); otherwise by a restart only.</summary>
        /// <param name="parameter">Its name in lower case.</param>
        /// <returns>True if a reload suffices; false for every other kind of parameter too.</returns>
        public bool ReloadSuffices(string parameter) => parameter switch
        {
            "recovery_min_apply_delay" => true,
            "primary_conninfo" or "primary_slot_name" => version.Major >= 13,
            "restore_command" => version.Major >= 14,
            _ => false,
        };

        /// <summary>The version as the document and the reports have it (M7).</summary>
        /// <returns>The same version.</returns>
        public BinaryVersion ToBinaryVersion() => new(version.Major, version.Minor);
    }
}
