using Stolon.Hosting.Time;

namespace Stolon.Hosting.Postgres;

/// <summary>Starts a postmaster under a guard and brings postmasters down, whoever started them (PG1, PG3, Q42).</summary>
internal sealed class Postmaster(PostgresContext context)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan GuardLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SignalAgain = TimeSpan.FromMilliseconds(500);

    private readonly ServerLog log = new(context.Folder, context.Owner);

    /// <summary>What PostgreSQL wrote since the last start.</summary>
    public ServerLog Log => log;

    /// <summary>Starts PostgreSQL; returns when postmaster.pid names the guard's child and its sockets are open.</summary>
    /// <exception cref="PostgresInstanceException">It did not start.</exception>
    public async Task<Guard> StartAsync(string pgdata, string? lease, IEnumerable<string> options, CancellationToken cancellationToken)
    {
        await EndSurvivorsAsync(pgdata).ConfigureAwait(false);
        context.Owner.CreateFolder(context.SocketFolder);
        ServerFiles.RemoveStaleLocks(pgdata, context.SocketFolder, context.Settings.Port);
        log.Begin();
        string[] command = [context.Binaries.Postgres, "-D", pgdata, .. options, "-c", context.SocketOption];
        var guard = Guard.Start(context.Folder, pgdata, lease, context.Owner, command, context.Clock);
        try
        {
            var postmaster = await WaitStartedAsync(guard, pgdata, cancellationToken).ConfigureAwait(false);
            context.Logger.Started(context.Settings.Port, postmaster, guard.Id);
            return guard;
        }
        catch
        {
            await KillAsync(guard, pgdata).ConfigureAwait(false);
            guard.Dispose();
            throw;
        }
    }

    /// <summary>What is left of an earlier life is ended before anything is started or replaced (Q42), its guard first.</summary>
    public async Task EndSurvivorsAsync(string pgdata)
    {
        for (var writers = Writers(pgdata); writers.Count > 0; writers = Writers(pgdata))
        {
            context.Logger.EndingSurvivors(writers.Count, pgdata);
            writers.ForEach(writer => Libc.Signal(writer, Libc.SigKill));
            await Task.Delay(Poll, context.Clock).ConfigureAwait(false);
        }

        if (Libc.Status(pgdata) is not { } status)
        {
            return;
        }

        var survivors = ProcessTable.In(status.Identity).Count + Guard.Of(context.Folder).Count;
        if (survivors > 0)
        {
            context.Logger.EndingSurvivors(survivors, pgdata);
            await Guard.SweepAsync(context.Folder, status.Identity, context.Clock).ConfigureAwait(false);
        }
    }

    /// <summary>Brings an instance down and waits until nothing of it is left.</summary>
    /// <param name="guard">Its guard; null when an earlier life started it.</param>
    /// <param name="pgdata">Its PGDATA.</param>
    /// <param name="mode">How, at first.</param>
    /// <param name="limit">After which the next mode follows.</param>
    /// <param name="cancellationToken">Ends the wait; what was signalled stays so.</param>
    public async Task StopAsync(Guard? guard, string pgdata, StopMode mode, TimeSpan limit, CancellationToken cancellationToken)
    {
        if ((guard?.Pgdata ?? Libc.Status(pgdata)?.Identity) is not { } identity)
        {
            return;
        }

        for (var step = mode; step != StopMode.Kill; step++)
        {
            if (await TryStopAsync(guard, pgdata, identity, step, limit, cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            context.Logger.StopEscalates(limit, step + 1);
        }

        if (guard is null)
        {
            await Guard.SweepAsync(context.Folder, identity, context.Clock).ConfigureAwait(false);
            return;
        }

        await KillAsync(guard, pgdata).ConfigureAwait(false);
    }

    /// <summary>The postmaster of a PGDATA, of whatever life; null when there is none.</summary>
    public static int? Find(Guard? guard, string pgdata) =>
        guard is not null && PostmasterFile.Read(pgdata) is { } file && ProcessTable.ParentOf(file.Process) == guard.Id
            ? file.Process
            : PostmasterFile.Running(pgdata)
                ?? (guard is null ? null
                    : ProcessTable.In(guard.Pgdata).Where(process => ProcessTable.ParentOf(process) == guard.Id)
                        .Cast<int?>().FirstOrDefault());

    /// <summary>The exception for an instance that ended though it should run.</summary>
    public PostgresInstanceException Failure(string what)
    {
        var said = log.Said();
        var remedy = FailureRemedy.ForStart(said, context.Settings);
        var summary = remedy.Length > 0 ? $"{what} {remedy}" : what;
        var silence = $"It said nothing; look into {context.Folder.Log}.";
        return new PostgresInstanceException(said.Length > 0 ? $"{summary} PostgreSQL said:\n{said}" : $"{summary} {silence}")
        {
            Summary = remedy.Length > 0 ? summary : $"{summary} {(said.Length > 0 ? "The keeper's log quotes what PostgreSQL said." : silence)}",
        };
    }

    /// <summary>Programs that a killed keeper had make, copy or rewind this PGDATA: nothing tells them of its end. We start them in our folder.</summary>
    private List<int> Writers(string pgdata) =>
        Libc.Status(context.Folder.Root) is not { } root
            ? []
            : [.. ProcessTable.In(root.Identity).Where(process =>
                (ProcessTable.ProgramOf(process) is "initdb" or "pg_basebackup" or "pg_rewind" && ProcessTable.HasArgument(process, pgdata))
                || ProcessTable.HasVariable(process, RestoredData.TargetVariable, pgdata))];

    private async Task<bool> TryStopAsync(
        Guard? guard, string pgdata, FileIdentity identity, StopMode mode, TimeSpan limit, CancellationToken cancellationToken)
    {
        var end = context.Clock.Now() + limit;
        var signalled = TimeSpan.MinValue;
        while (guard is { Exited.IsCompleted: false } || ProcessTable.In(identity).Count > 0)
        {
            var now = context.Clock.Now();
            if (now >= end)
            {
                return false;
            }

            if (signalled == TimeSpan.MinValue || now - signalled >= SignalAgain)
            {
                // Again: a postmaster that is just starting may not listen to signals yet.
                var isFirst = signalled == TimeSpan.MinValue;
                signalled = now;
                Signal(guard, pgdata, identity, mode);
                if (!isFirst && Find(guard, pgdata) is { } postmaster)
                {
                    EndUnborn(postmaster, identity);
                }
            }

            await WaitAsync(guard, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    private static void Signal(Guard? guard, string pgdata, FileIdentity identity, StopMode mode)
    {
        if (Find(guard, pgdata) is { } postmaster)
        {
            Libc.Signal(postmaster, mode == StopMode.Fast ? Libc.SigInt : Libc.SigQuit);
        }
        else if (guard is null)
        {
            // Backends whose postmaster is gone: nobody else will end them.
            KillAll(identity);
        }
    }

    /// <summary>
    /// A client that connected while PostgreSQL started or stopped, and has said nothing, has a process that no postmaster signals and every stop waits for,
    /// up to authentication_timeout. It still has the postmaster's name: it gets one of its own when the client has said who it is.
    /// </summary>
    private static void EndUnborn(int postmaster, FileIdentity pgdata)
    {
        foreach (var process in ProcessTable.In(pgdata).Where(process =>
            ProcessTable.ParentOf(process) == postmaster && ProcessTable.ProgramOf(process) == "postgres"))
        {
            Libc.Signal(process, Libc.SigTerm);
        }
    }

    private async Task KillAsync(Guard guard, string pgdata)
    {
        var end = context.Clock.Now() + GuardLimit;
        while (!guard.Exited.IsCompleted)
        {
            KillAll(guard.Pgdata);
            if (Find(guard, pgdata) is { } postmaster)
            {
                Libc.Signal(postmaster, Libc.SigKill);
            }

            if (context.Clock.Now() >= end)
            {
                // The guard is stopped, or not scheduled: without it, its watcher here sweeps.
                guard.Kill();
            }

            await WaitAsync(guard, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static void KillAll(FileIdentity pgdata)
    {
        foreach (var process in ProcessTable.In(pgdata))
        {
            Libc.Signal(process, Libc.SigKill);
        }
    }

    private async Task<int> WaitStartedAsync(Guard guard, string pgdata, CancellationToken cancellationToken)
    {
        var end = context.Clock.Now() + StartLimit;
        var trouble = $"PostgreSQL did not open its sockets within {StartLimit}.";
        while (context.Clock.Now() < end)
        {
            if (guard.Exited.IsCompleted)
            {
                throw Failure("PostgreSQL did not start.");
            }

            if (PostmasterFile.Read(pgdata) is { Listens: true } file && ProcessTable.ParentOf(file.Process) == guard.Id)
            {
                if (ProcessTable.IsIn(file.Process, guard.Pgdata))
                {
                    return file.Process;
                }

                trouble = $"The working directories of {context.Owner.Name}'s processes cannot be seen in /proc, so it could never be "
                    + "known that PostgreSQL has ended (Q42). Give this process the capability SYS_PTRACE (in a container: "
                    + $"--cap-add SYS_PTRACE), or start it as {context.Owner.Name}.";
            }

            await WaitAsync(guard, cancellationToken).ConfigureAwait(false);
        }

        throw Failure(trouble);
    }

    private async Task WaitAsync(Guard? guard, CancellationToken cancellationToken)
    {
        var pause = Task.Delay(Poll, context.Clock, cancellationToken);
        await (guard is null ? pause : Task.WhenAny(pause, guard.Exited)).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
