using System.Globalization;
using Stolon.Cluster;

namespace Stolon.Postgres;

/// <summary>The parameters of an instance, recovery aside. Rules G1 to G6. Names are written in lower case, as PostgreSQL compares them.</summary>
public static class Parameters
{
    /// <summary>The WAL that a primary keeps for its standbys beside what slots keep, in MB: eight segments (G3).</summary>
    private const string DefaultWalKeepSize = "128";

    /// <summary>The parameters to write for an instance.</summary>
    /// <param name="spec">What the document asks for.</param>
    /// <param name="server">What the keeper adds.</param>
    /// <returns>Every parameter that is written, recovery parameters aside.</returns>
    public static ValueMap<string, string> For(DatabaseSpec spec, ServerSettings server)
    {
        var asked = Lower(spec.PgParameters);
        var parameters = LogDefaults(server);
        parameters = spec.IncludePreviousConfig ? Overlay(parameters, Found(server.InitPgParameters), server.Version) : parameters;
        parameters = Overlay(parameters, asked, server.Version);
        return Own(parameters, spec, server);
    }

    /// <summary>What an instance reports of its configured parameters (G6): those that are not ours.</summary>
    /// <param name="configured">As <c>pg_file_settings</c> has them.</param>
    /// <param name="asked">
    /// The cluster spec's parameters. One of ours that the spec gave a value stays, so that the merge of I6 does not lose it.
    /// </param>
    /// <returns>The parameters without the managed ones.</returns>
    public static ValueMap<string, string> WithoutManaged(
        ValueMap<string, string> configured, ValueMap<string, string>? asked = null)
    {
        var wanted = Lower(asked ?? ValueMap<string, string>.Empty);
        return new ValueMap<string, string>(Lower(configured).Where(entry =>
            !ManagedParameters.IsForced(entry.Key)
            && (!ManagedParameters.IsDefaulted(entry.Key) || wanted.ContainsKey(entry.Key))));
    }

    /// <summary>Which of a cluster specification's parameters are never used, whatever the server's version.</summary>
    /// <param name="spec">The specification.</param>
    /// <returns>One sentence for each, which begins with its JSON path.</returns>
    public static IReadOnlyList<string> Unused(ClusterSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return [.. spec.PgParameters.Keys.Where(name => ManagedParameters.IsForced(name.ToLowerInvariant())).Select(name => $"$.pgParameters.{name}: not used: the keeper sets it")];
    }

    /// <summary>Those parameters of a cluster specification that are used.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <returns>The parameters without those that the keeper sets (<see cref="Unused"/>).</returns>
    public static ValueMap<string, string> WithoutUnused(ValueMap<string, string> parameters) =>
        new(parameters.Where(entry => !ManagedParameters.IsForced(entry.Key.ToLowerInvariant())));

    /// <summary>Which of the cluster spec's parameters are not written, and why, as sentences for the log.</summary>
    /// <param name="spec">What the document asks for.</param>
    /// <param name="version">The server's version.</param>
    /// <returns>One sentence for each, sorted by name.</returns>
    public static IReadOnlyList<string> LeftOut(DatabaseSpec spec, ServerVersion version) =>
    [
        .. Lower(spec.PgParameters).Keys
            .Where(name => ManagedParameters.IsForced(name) || !version.Knows(name))
            .Select(name => ManagedParameters.IsForced(name)
                ? $"pgParameters.{name} is not used: the keeper sets it"
                : $"pgParameters.{name} is not used: PostgreSQL {version.Major} no longer has it and would not start"),
    ];

    /// <summary>PostgreSQL's own rotated log, a file for each day of the week. The spec's values win, except the folder.</summary>
    private static ValueMap<string, string> LogDefaults(ServerSettings server) =>
        server.LogDirectory.Length == 0
            ? ValueMap<string, string>.Empty
            : ValueMap<string, string>.Empty
                .With("logging_collector", "on")
                .With("log_filename", "postgresql-%a.log")
                .With("log_truncate_on_rotation", "on")
                .With("log_rotation_age", "1d")
                .With("log_rotation_size", "0");

    /// <summary>Captured parameters without ours: what they say of an earlier place or role of the data is no longer true.</summary>
    private static ValueMap<string, string> Found(ValueMap<string, string> captured) =>
        new(Lower(captured).Where(entry => !ManagedParameters.IsForced(entry.Key) && !ManagedParameters.IsDefaulted(entry.Key)));

    private static ValueMap<string, string> Overlay(
        ValueMap<string, string> below, ValueMap<string, string> above, ServerVersion version) =>
        new(below.Concat(above.Where(entry => !ManagedParameters.IsForced(entry.Key) && version.Knows(entry.Key))));

    /// <summary>Rules G3 to G5, with Q17, Q34 and Q39.</summary>
    private static ValueMap<string, string> Own(
        ValueMap<string, string> parameters, DatabaseSpec spec, ServerSettings server)
    {
        var standbys = spec.MaxStandbys ?? 20;
        var logical = "logical".Equals(parameters.Find("wal_level"), StringComparison.OrdinalIgnoreCase);
        parameters = parameters
            .With("unix_socket_directories", server.SocketDirectory)
            .With("listen_addresses", server.ListenAddress)
            .With("port", Text(server.Port))
            .With("hot_standby", "on")
            .With("wal_level", logical ? "logical" : "replica")
            .With("max_replication_slots", Text(standbys))
            .With("max_wal_senders", Text((2 * standbys) + 2 + (spec.AdditionalWalSenders ?? 5)))
            .With("synchronous_standby_names", SynchronousStandbyNames.For(spec, server.CurrentSynchronousStandbyNames))
            // After a crash of a backend PostgreSQL would open again by itself, to everybody (Q39).
            .With("restart_after_crash", "off");
        parameters = spec.UsePgRewind ? parameters.With("wal_log_hints", "on") : parameters;
        parameters = server.LogDirectory.Length == 0 ? parameters : parameters.With("log_directory", server.LogDirectory);
        parameters = Default(parameters, "wal_keep_size", DefaultWalKeepSize);
        // PostgreSQL's 5 s would delay a standby that looks for the new primary (Q34).
        parameters = Default(parameters, "wal_retrieve_retry_interval", "200ms");
        // How old a standby's own word on its position may get: PostgreSQL's 10 s would hold waiting commits up that long.
        parameters = Default(parameters, "wal_receiver_status_interval", "1s");
        // Lines that ask for SCRAM shut out every password that is stored as MD5.
        return server.AuthMethod == AuthMethods.Scram && server.Version.DefaultPasswordEncryption != AuthMethods.Scram
            ? Default(parameters, "password_encryption", AuthMethods.Scram)
            : parameters;
    }

    private static ValueMap<string, string> Default(ValueMap<string, string> parameters, string name, string value) =>
        parameters.ContainsKey(name) ? parameters : parameters.With(name, value);

    private static ValueMap<string, string> Lower(ValueMap<string, string> parameters) =>
        new(parameters.Select(entry => KeyValuePair.Create(entry.Key.ToLowerInvariant(), entry.Value)));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
