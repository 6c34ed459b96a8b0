using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Stolon.Cluster;
using Stolon.Hosting.Stores;
using Stolon.Hosting.Time;
using Stolon.Storage;

namespace Stolon.Stores.Tests;

/// <summary>What another process does with a store. It says each thing that it did in a line, and ends when its input ends.</summary>
internal static partial class Worker
{
    public const string Word = "store-worker";
    private const int SigStop = 19;

    public static async Task<int> RunAsync(string path, string verb, string[] args)
    {
        // Whoever started this process is gone when the input ends.
        var ended = new TaskCompletionSource();
        new Thread(() =>
        {
            while (Console.In.ReadLine() is not null)
            {
            }

            ended.TrySetResult();
        })
        { IsBackground = true }.Start();
        var settings = new EmbeddedStoreSettings { InsideWrite = verb == "freeze" ? Freeze : null };
        await using var store = new EmbeddedClusterStore(path, BootTimeProvider.Instance, settings, NullLogger.Instance);
        try
        {
            await (verb switch
            {
                "count" => CountAsync(store, int.Parse(args[0], CultureInfo.InvariantCulture)),
                "write" => CountAsync(store, int.MaxValue),
                "freeze" => OverwriteAsync(store),
                "publish" => PublishAsync(store, args[0]),
                "lead" => LeadAsync(store, args[0]),
                "hold" => HoldAsync(store, ended.Task),
                "fill" => FillAsync(store),
                _ => throw new ArgumentException(verb, nameof(verb)),
            });
            return 0;
        }
        catch (StoreUnavailableException exception)
        {
            Say($"failed: {exception.Message}");
            return 1;
        }
    }

    private static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }

    /// <summary>Counts the document's revision up, and says each number that the store has acknowledged.</summary>
    private static async Task CountAsync(EmbeddedClusterStore store, int times)
    {
        for (var done = 0; done < times;)
        {
            var read = await store.ReadAsync(CancellationToken.None);
            var next = (read?.Data.Revision ?? 0) + 1;
            if (await store.TryWriteAsync(A.Document(next), read?.Version, [A.Decision((int)next)], CancellationToken.None))
            {
                done++;
                Say($"ack {next}");
            }
        }
    }

    /// <summary>
    /// Stops this process where it is. The stop reaches the other threads first, and this one may run on for a moment:
    /// it goes on only when the process was woken, so that the write is truly inside.
    /// </summary>
    private static void Freeze()
    {
        using var woken = new ManualResetEventSlim();
        using var registration = PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => woken.Set());
        Say("inside");
        _ = Kill(Environment.ProcessId, SigStop);
        woken.Wait(TimeSpan.FromMinutes(1));
    }

    private static async Task OverwriteAsync(EmbeddedClusterStore store)
    {
        await store.OverwriteAsync(A.Document(1000), A.NoDecisions, CancellationToken.None);
        Say("done");
    }

    private static async Task PublishAsync(EmbeddedClusterStore store, string keeper)
    {
        await store.PublishAsync(A.Keeper(keeper), TimeSpan.FromSeconds(30), CancellationToken.None);
        Say("published");
    }

    private static async Task LeadAsync(EmbeddedClusterStore store, string sentinel)
    {
        await using var leadership = await store.CampaignAsync(new SentinelId(sentinel), CancellationToken.None);
        Say("leader");
        var lost = new TaskCompletionSource();
        await using var registration = leadership.Lost.Register(() => lost.TrySetResult());
        await lost.Task;
        Say("lost");
    }

    private static async Task HoldAsync(EmbeddedClusterStore store, Task ended)
    {
        await store.ReadAsync(CancellationToken.None);
        Say("open");
        await ended;
    }

    /// <summary>Writes ever larger documents until the store refuses.</summary>
    private static async Task FillAsync(EmbeddedClusterStore store)
    {
        for (var number = 1; ; number++)
        {
            var text = new string('x', 20_000);
            var decisions = Enumerable.Range(0, 5).Select(_ => new Decision(default, "s", "Fill", text));
            await store.OverwriteAsync(A.Document(number), [.. decisions], CancellationToken.None);
            Say($"ack {number}");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
