using QuickStart.Demo;
using QuickStart.Output;
using QuickStart.Roles;
using Stolon.Cluster;
using Stolon.Hosting;
using Stolon.Storage;

namespace QuickStart;

/// <summary>The program: brings a cluster up and shows what it does, or runs the demo.</summary>
internal static class QuickStartProgram
{
    private const int Failure = 1;
    private const int Interrupted = 130;

    private static readonly TimeSpan RestartAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CompleteLimit = TimeSpan.FromMinutes(10);

    /// <summary>Runs.</summary>
    /// <param name="settings">What was asked for.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(Settings settings)
    {
        var screen = new Screen(TimeProvider.System);
        using var signals = new EndSignals();
        try
        {
            using var folder = DataFolder.Claim(settings);
            var code = await RunAsync(settings, folder, screen, signals.End);
            if (folder.IsTemporary)
            {
                Leave(folder, screen, code);
            }

            return code;
        }
        catch (Exception exception) when (IsExplained(exception))
        {
            await Console.Error.WriteLineAsync($"quickstart: {exception.Message}");
            return Failure;
        }
    }

    /// <summary>The message says what happened and what to do: a stack would only hide it.</summary>
    private static bool IsExplained(Exception exception) =>
        exception is QuickStartException or StolonException or StoreUnavailableException or ClusterDataException or IOException or UnauthorizedAccessException;

    private static async Task<int> RunAsync(Settings settings, DataFolder folder, Screen screen, CancellationToken end)
    {
        if (settings.TakeOver is { } keeper)
        {
            await LostStore.TakeOverAsync(keeper, folder, screen, end);
        }

        LostStore.Refuse(folder);
        var roles = RoleSpec.All(settings);
        var proxyPort = roles.Single(role => role.Kind == RoleKind.Proxy).Port;
        screen.Say($"everything is kept in {folder.Path}");
        screen.Say($"ports: proxy {proxyPort}, {string.Join(", ", roles.Where(role => role.Kind == RoleKind.Keeper).Select(role => $"{role.Name} {role.Port}"))}");

        await using ITopology topology = settings.Processes
            ? new ManyProcesses(screen, folder, roles, settings.Demo ? null : RestartAfter)
            : new OneProcess(screen, folder, roles);
        var session = new Session(screen, topology, new AppDatabase(folder, proxyPort, TimeProvider.System), settings.Keepers, TimeProvider.System);
        using var feeding = new CancellationTokenSource();
        var feed = session.ShowDecisionsAsync(feeding.Token);
        try
        {
            return settings.Demo
                ? await new FailoverDemo(screen, folder, session, (ManyProcesses)topology, settings, TimeProvider.System).RunAsync(end)
                : await ServeAsync(settings, screen, session, topology, end);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return settings.Demo ? Interrupted : 0;
        }
        catch (Exception exception) when (IsExplained(exception))
        {
            screen.Say($"failed: {exception.Message}");
            return Failure;
        }
        finally
        {
            screen.Say("stopping");
            await screen.WhileAsync(topology.StopAsync(), () => "stopping");
            await feeding.CancelAsync();
            await feed;
            screen.Say("stopped; nothing is left running");
        }
    }

    private static async Task<int> ServeAsync(Settings settings, Screen screen, Session session, ITopology topology, CancellationToken end)
    {
        await session.ComeUpAsync(end);
        screen.Say($"the cluster is up:\n\n{session.Database.PsqlCommand}\n");
        if (topology is ManyProcesses processes)
        {
            processes.IsComingUp = false;
        }

        if (settings.Synchronous)
        {
            await session.EnsureSynchronousAsync(end);
        }

        await session.CompleteAsync(CompleteLimit, end);
        screen.Say(settings.Keepers > 1
            ? "complete: the next failure of a keeper or of its PostgreSQL will be survived. Ctrl+C ends everything."
            : "complete: with one keeper there is nobody to take over. Ctrl+C ends everything.");
        var over = await Task.WhenAny(topology.Failed, Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, end));
        return over == topology.Failed ? throw new QuickStartException(await topology.Failed) : 0;
    }

    private static void Leave(DataFolder folder, Screen screen, int code)
    {
        if (code == 0)
        {
            folder.Delete();
        }
        else
        {
            screen.Say($"{folder.Path} is kept: its logs folder says more.");
        }
    }
}
