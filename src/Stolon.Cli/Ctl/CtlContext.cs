using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Stolon.Cli.Options;
using Stolon.Cli.Output;
using Stolon.Cluster;
using Stolon.Hosting.Administration;
using Stolon.Storage;

namespace Stolon.Cli.Ctl;

/// <summary>What the commands of <c>ctl</c> share: their flags, and the door to the cluster, which never stays shut for longer than <c>--store-timeout</c>.</summary>
internal sealed class CtlContext
{
    private readonly StoreFlags store = new();
    private readonly LogFlags log = new();

    private readonly Option<string?>[] kubernetes =
    [
        Flag.Text("--kubeconfig", "Of the kubernetes store, which is not there yet.", "FILE"),
        Flag.Text("--kube-context", "Of the kubernetes store, which is not there yet."),
        Flag.Text("--kube-namespace", "Of the kubernetes store, which is not there yet."),
    ];

    private bool hasWarned;

    /// <summary>Adds the flags, for all commands below too.</summary>
    /// <param name="command">The command.</param>
    public void AddTo(Command command)
    {
        store.AddTo(command, recursive: true);
        log.AddTo(command, recursive: true);
        foreach (var option in kubernetes)
        {
            option.Recursive = true;
            command.Options.Add(option);
        }
    }

    /// <summary>Checks the flags before anybody is asked anything.</summary>
    /// <param name="parsed">The arguments.</param>
    /// <exception cref="CommandException">One is wrong.</exception>
    public void Check(ParseResult parsed) => store.Read(parsed);

    /// <summary>Does something with the cluster.</summary>
    /// <param name="parsed">The arguments.</param>
    /// <param name="work">What to do.</param>
    /// <param name="creates">It may make the first store; others need one that is there.</param>
    /// <param name="besides">How long it may wait for others than the store.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandException">The store did not answer in time, or is not there.</exception>
    public async Task<int> RunAsync(ParseResult parsed, Func<CtlSession, CancellationToken, Task> work, bool creates = false, TimeSpan besides = default)
    {
        var choice = store.Read(parsed);
        if (choice.Backend == StoreBackend.Embedded && !creates && !File.Exists(choice.EmbeddedPath))
        {
            throw new CommandException($"--store-endpoints: there is no store file {choice.EmbeddedPath}; a sentinel, or ctl init, makes it");
        }

        foreach (var warning in hasWarned ? [] : choice.Warnings)
        {
            await Console.Error.WriteLineAsync($"stolon: warning: {warning}").ConfigureAwait(false);
        }

        hasWarned = true;
        var lines = new LineLog(Quiet(log.Read(parsed)), TimeProvider.System);
        await using (lines.ConfigureAwait(false))
        {
            var services = Services(choice, lines);
            await using (services.ConfigureAwait(false))
            {
                services.GetRequiredService<IStartupValidator>().Validate();
                using var limit = new CancellationTokenSource(choice.Timeout + besides, TimeProvider.System);
                try
                {
                    await work(new CtlSession(services, choice), limit.Token).ConfigureAwait(false);
                    return 0;
                }
                catch (OperationCanceledException exception) when (limit.IsCancellationRequested)
                {
                    throw new CommandException($"{choice.Name} did not answer within {choice.Timeout.TotalSeconds:0.###} s (--store-timeout)", exception);
                }
            }
        }
    }

    /// <summary>Changes a cluster that must be there.</summary>
    /// <param name="parsed">The arguments.</param>
    /// <param name="work">What to do.</param>
    /// <param name="besides">How long it may wait for others than the store.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandException">The store did not answer in time, or there is no cluster.</exception>
    public Task<int> ChangeAsync(ParseResult parsed, Func<CtlSession, CancellationToken, Task> work, TimeSpan besides = default) => RunAsync(
        parsed,
        async (session, token) =>
        {
            await session.ReadAsync(token).ConfigureAwait(false);
            await work(session, token).ConfigureAwait(false);
        },
        besides: besides);

    /// <summary>Looks at what the store holds, before anybody is asked anything. No store is made.</summary>
    /// <param name="parsed">The arguments.</param>
    /// <returns>What is there.</returns>
    /// <exception cref="CommandException">The store did not answer in time.</exception>
    public async Task<HeldCluster> LookAsync(ParseResult parsed)
    {
        var choice = store.Read(parsed);
        var held = new HeldCluster(choice, IsThere: false, Data: null);
        if (choice.Backend == StoreBackend.Embedded && !File.Exists(choice.EmbeddedPath))
        {
            return held;
        }

        await RunAsync(parsed, async (session, token) => held = await session.LookAsync(token).ConfigureAwait(false)).ConfigureAwait(false);
        return held;
    }

    private static ServiceProvider Services(StoreChoice choice, ILoggerProvider lines)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(lines).SetMinimumLevel(LogLevel.Debug));
        services.AddStolon(choice.ClusterName).UseStore(choice);
        return services.BuildServiceProvider();
    }

    /// <summary>What fails is said by the command itself, in one line; more only if it was asked for.</summary>
    private static LogChoice Quiet(LogChoice choice) => choice.Level == LogLevel.Debug ? choice : choice with { Level = LogLevel.Critical };
}

/// <summary>The open door to one cluster.</summary>
/// <param name="services">Its services.</param>
/// <param name="choice">The store.</param>
internal sealed class CtlSession(IServiceProvider services, StoreChoice choice)
{
    /// <summary>What operators can ask for.</summary>
    public IStolonAdministration Administration => services.GetRequiredKeyedService<IStolonAdministration>(choice.ClusterName);

    /// <summary>There is no cluster.</summary>
    public CommandException Missing => new($"there is no cluster {choice.ClusterName} in {choice.Name}; make one with: stolon ctl init");

    /// <summary>There is a cluster that must not be replaced unasked.</summary>
    public CommandException Exists => new($"cluster {choice.ClusterName} exists in {choice.Name}, so nothing was written; replace it with --yes");

    /// <summary>The store.</summary>
    public IClusterStore Store => services.GetRequiredKeyedService<IClusterStore>(choice.ClusterName);

    /// <summary>The clock.</summary>
    public TimeProvider Time => services.GetRequiredService<TimeProvider>();

    /// <summary>Reads the document.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The document.</returns>
    /// <exception cref="CommandException">There is none.</exception>
    public async Task<StoredClusterData> ReadAsync(CancellationToken cancellationToken) =>
        await Store.ReadAsync(cancellationToken).ConfigureAwait(false) ?? throw Missing;

    /// <summary>Looks for a document, which need not be one that can be understood.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What is there.</returns>
    public async Task<HeldCluster> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var stored = await Store.ReadAsync(cancellationToken).ConfigureAwait(false);
            return new HeldCluster(choice, stored is not null, stored?.Data);
        }
        catch (ClusterDataException)
        {
            return new HeldCluster(choice, IsThere: true, Data: null);
        }
    }
}
