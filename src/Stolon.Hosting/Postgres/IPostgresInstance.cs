using System.Collections.Immutable;
using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>How an instance is brought down. Each ends with no process of the data directory left (Q42).</summary>
internal enum StopMode
{
    /// <summary>Sessions are ended, a shutdown checkpoint is written (SIGINT).</summary>
    Fast,

    /// <summary>No checkpoint: the next start recovers (SIGQUIT).</summary>
    Immediate,

    /// <summary>SIGKILL of every process whose working directory is the data directory.</summary>
    Kill,
}

/// <summary>What the disk and the process table say; no connection is made.</summary>
/// <param name="Initialized">PGDATA is complete (PG5).</param>
/// <param name="Running">The guard of this process runs, or a postmaster of an earlier life holds the data directory.</param>
/// <param name="LocalRole">By the signal files (K18); null when not initialized.</param>
internal sealed record InstanceState(bool Initialized, bool Running, Role? LocalRole);

/// <summary>The part of <c>pg_control</c> that decisions need.</summary>
/// <param name="SystemId">The system identifier.</param>
/// <param name="State">PostgreSQL's words, e.g. <c>shut down</c>, <c>in production</c>.</param>
/// <param name="Timeline">The latest checkpoint's timeline.</param>
/// <param name="Checkpoint">The latest checkpoint's location.</param>
internal sealed record ControlData(string SystemId, string State, uint Timeline, Lsn Checkpoint)
{
    /// <summary>What a standby must at least run with (<see cref="StandbyLimits"/>).</summary>
    public ValueMap<string, int> Limits { get; init; } = ValueMap<string, int>.Empty;
}

/// <summary>What the running instance says about itself (K9).</summary>
internal sealed record CollectedState
{
    public required string SystemId { get; init; }

    public required Role Role { get; init; }

    public required uint TimelineId { get; init; }

    public required Lsn XLogPos { get; init; }

    public ValueList<TimelineSwitch> TimelinesHistory { get; init; }

    /// <summary>As <c>pg_file_settings</c> has them, unfiltered.</summary>
    public ValueMap<string, string> ConfiguredParameters { get; init; } = ValueMap<string, string>.Empty;

    /// <summary>By which proof <see cref="SynchronousNames"/> were judged; null = there was none, and so there are no names.</summary>
    public CommitBarrier? Barrier { get; init; }

    /// <summary>The application names with sync_state sync that have flushed the position of <see cref="Barrier"/> (Q38).</summary>
    public ImmutableArray<string> SynchronousNames { get; init; } = [];

    public string OlderWalFile { get; init; } = "";

    public WalReceiverState WalReceiver { get; init; }

    /// <summary>Some parameter waits for a restart.</summary>
    public bool PendingRestart { get; init; }

    /// <summary>The names of the physical replication slots that are not temporary.</summary>
    public ImmutableArray<string> PhysicalSlots { get; init; } = [];
}

/// <summary>Whom to copy from, and what it must be.</summary>
/// <param name="Source">The followed primary, as a libpq connection string without a password.</param>
/// <param name="Password">The replication user's password; none for trust.</param>
/// <param name="Slot">The slot on the primary; null = none.</param>
/// <param name="SystemId">What the source must be, checked live just before (S5).</param>
internal sealed record CopyRequest(ConnInfo Source, RolePassword Password, string? Slot, string SystemId)
{
    /// <summary>The most that is read from the source, for each second; null = no limit.</summary>
    public int? MegabytesPerSecond { get; init; }
}

/// <summary>How far a copy is.</summary>
/// <param name="CopiedBytes">Bytes on disk so far.</param>
/// <param name="TotalBytes">The source's estimate; 0 = not known yet.</param>
internal readonly record struct CopyProgress(long CopiedBytes, long TotalBytes);

/// <summary>
/// The hands on one PGDATA. It does what it is told and decides nothing; its caller holds the data directory's lock. One caller at a time,
/// except <see cref="Inspect"/>, <see cref="CollectAsync"/>, <see cref="ProveListAsync"/>, <see cref="StopAsync"/>, <see cref="SetDeadline"/> and <see cref="Exited"/>,
/// which may be called while another call runs.
/// </summary>
internal interface IPostgresInstance : IAsyncDisposable
{
    /// <summary>What the binaries say: <c>postgres -V</c>.</summary>
    ServerVersion Version { get; }

    /// <summary>Where its socket is: for <c>unix_socket_directories</c> (Q17).</summary>
    string SocketDirectory { get; }

    /// <summary>Where its rotated log is: for <c>log_directory</c>.</summary>
    string LogDirectory { get; }

    /// <summary>The file with the replication user's password, for <c>primary_conninfo</c> (S11); null for trust.</summary>
    string? PassFile { get; }

    /// <summary>What the running instance was started with, or was last seen to have loaded; null when it does not run.</summary>
    ServerConfiguration? RunningWith { get; }

    /// <summary>A configuration that lets clients in was written for the running instance, whether it was seen to be loaded or not (S4b).</summary>
    bool MayBeOpen { get; }

    /// <summary>The proof that every commit waits for all of the list of synchronous standbys that was written last (Q38); null = there is none.</summary>
    CommitBarrier? Barrier { get; }

    /// <summary>A list of synchronous standbys was written that is not proven to be in force yet.</summary>
    bool HasUnprovenList { get; }

    /// <summary>How the instance ended, when it did and nobody had asked it to; else null.</summary>
    string? Ending { get; }

    /// <summary>Completes when the guard has exited, and with it every process of the data directory; completed when nothing was started.</summary>
    Task Exited { get; }

    InstanceState Inspect();

    /// <summary>What <c>pg_controldata</c> says; null when there is no control file.</summary>
    Task<ControlData?> ReadControlDataAsync(CancellationToken cancellationToken);

    /// <summary>Finishes or undoes an exchange of <c>postgres.new</c> that a crash interrupted (Q31), and removes leftovers.</summary>
    Task RepairAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Makes a fresh cluster in <c>postgres.new</c>: initdb, a start on the socket only with <paramref name="parameters"/>, the roles of K29,
    /// the captured parameters, a clean stop; then exchanges it. An initialised PGDATA is renamed to <c>postgres.old-…</c> (Q31).
    /// <paramref name="readyLimit"/> bounds the wait for its first answer.
    /// </summary>
    /// <returns>The parameters found in its files (G1).</returns>
    Task<ValueMap<string, string>> CreateAsync(
        NewConfig config, ValueMap<string, string> parameters, string clusterUid, TimeSpan readyLimit, CancellationToken cancellationToken);

    /// <summary>
    /// Starts the data that is there, on the socket only, with its own <c>postgresql.conf</c> overridden by <paramref name="parameters"/>,
    /// captures its parameters, stops it cleanly (K27). No data is deleted, no role is made. <paramref name="readyLimit"/> bounds the wait
    /// for its first answer.
    /// </summary>
    /// <returns>The parameters found in its files (G1).</returns>
    Task<ValueMap<string, string>> CaptureAsync(
        ValueMap<string, string> parameters, TimeSpan readyLimit, CancellationToken cancellationToken);

    /// <summary>
    /// Restores a backup into <c>postgres.new</c>, recovers it on the socket only, captures its parameters, stops it cleanly; then
    /// exchanges it (K26). An initialised PGDATA is renamed to <c>postgres.old-…</c> (Q31). No role is made.
    /// </summary>
    /// <returns>The parameters found in its files (G1).</returns>
    Task<ValueMap<string, string>> RestoreAsync(
        RestoreRequest request, string clusterUid, IProgress<CopyProgress> progress, CancellationToken cancellationToken);

    /// <summary>Copies the followed primary into <c>postgres.new</c>, syncs it, and exchanges it for <c>postgres</c> (Q31). Nothing may run.</summary>
    Task CopyAsync(CopyRequest request, IProgress<CopyProgress> progress, CancellationToken cancellationToken);

    /// <summary>
    /// Rewinds PGDATA to the branch of the current primary by pg_rewind, starts it once on the socket as a standby, looks, and stops it
    /// (R3, R5). Nothing may run. <paramref name="beforeChange"/> is called after everything that can be tried without a change.
    /// </summary>
    /// <returns>What it says of itself; null when it did not become ready in time.</returns>
    /// <exception cref="PostgresInstanceException">It cannot be rewound; after <paramref name="beforeChange"/> its data is good for nothing but a new copy.</exception>
    Task<CollectedState?> RewindAsync(
        RewindRequest request, Action beforeChange, IProgress<CopyProgress> progress, CancellationToken cancellationToken);

    /// <summary>Writes the configuration, starts PostgreSQL under the guard, returns when postmaster.pid names the guard's child (PG1).</summary>
    /// <exception cref="PostgresInstanceException">It did not start; the message quotes the last lines of its log.</exception>
    Task StartAsync(ServerConfiguration configuration, CancellationToken cancellationToken);

    /// <summary>Waits until it answers a query (PG4).</summary>
    /// <exception cref="PostgresInstanceException">It ended, or did not answer in time.</exception>
    Task WaitReadyAsync(TimeSpan limit, CancellationToken cancellationToken);

    /// <summary>Brings it down, whoever started it, and waits until nothing of it is left; escalates to the next mode after the limit.</summary>
    Task StopAsync(StopMode mode, TimeSpan limit, CancellationToken cancellationToken);

    /// <summary>
    /// Writes the configuration, reloads, and waits until a new session shows it loaded (Q18, Q36). One with a mistake is taken back.
    /// </summary>
    /// <returns>What PostgreSQL does not accept; null when it is loaded.</returns>
    Task<Refusal?> ApplyAsync(ServerConfiguration configuration, CancellationToken cancellationToken);

    /// <summary>Which of these parameters would keep it from starting; null when none would. It need not run.</summary>
    Task<Refusal?> FindMistakesAsync(ValueMap<string, string> parameters, CancellationToken cancellationToken);

    /// <summary>Asks the running instance whether it would accept settings. Nothing is put into force.</summary>
    /// <returns>What it says.</returns>
    /// <exception cref="PostgresInstanceException">It does not run, or could not be asked.</exception>
    Task<SettingsAnswer> CheckAsync(SettingsQuestion question, CancellationToken cancellationToken);

    /// <summary>Promotes and waits until it is out of recovery and writable.</summary>
    Task PromoteAsync(TimeSpan limit, CancellationToken cancellationToken);

    /// <summary>Writes a checkpoint, and looks for what would hold up a clean stop (architecture, section 7, step 1).</summary>
    /// <returns>What is in the way, as a sentence; empty = nothing.</returns>
    /// <exception cref="PostgresInstanceException">It could not be asked.</exception>
    Task<string> PrepareStopAsync(TimeSpan limit, CancellationToken cancellationToken);

    /// <summary>Stops a primary cleanly, with all its WAL sent to the walreceiver of this application name (step 3); after 5 s at once.</summary>
    /// <returns>Why it did not stop cleanly; empty when it may have: the control file knows.</returns>
    Task<string> StandDownAsync(string target, CancellationToken cancellationToken);

    /// <summary>Collects through the one always-open local connection; opens it again when it broke.</summary>
    /// <exception cref="PostgresInstanceException">It could not be asked.</exception>
    Task<CollectedState> CollectAsync(CancellationToken cancellationToken);

    /// <summary>Proves that the list of synchronous standbys is in force; <see cref="Barrier"/> has it then (Q38).</summary>
    /// <returns>What hinders it; empty = it is proven, or there is nothing to prove.</returns>
    /// <exception cref="PostgresInstanceException">It could not be asked.</exception>
    Task<string> ProveListAsync(TimeSpan limit, CancellationToken cancellationToken);

    /// <summary>Creates wanted physical slots, drops our own that are not wanted (K24).</summary>
    /// <returns>What could not be dropped, as sentences.</returns>
    Task<ImmutableArray<string>> SettleSlotsAsync(IReadOnlySet<string> wanted, CancellationToken cancellationToken);

    /// <summary>Gives the two roles the passwords that they shall have, where they have others. Only a running primary can.</summary>
    /// <returns>The names of those that were changed.</returns>
    /// <exception cref="PostgresInstanceException">PostgreSQL refused, or did not answer.</exception>
    Task<ImmutableArray<string>> SettlePasswordsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// While the replication user's password changes: puts into <see cref="PassFile"/> what the followed server accepts. It is asked when
    /// the file has not the newest one yet, or when nothing streams.
    /// </summary>
    /// <returns>Whether the file was changed.</returns>
    /// <exception cref="PostgresInstanceException">The server could not be asked, or it accepts none.</exception>
    Task<bool> RefreshPassFileAsync(ConnInfo followed, bool streams, CancellationToken cancellationToken);

    /// <summary>Until when the guard lets it run if it hears nothing more (S4), on the boot clock; null = for ever (a standby).</summary>
    void SetDeadline(TimeSpan? bootTime);
}
