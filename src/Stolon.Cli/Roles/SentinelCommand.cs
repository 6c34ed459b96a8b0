using System.CommandLine;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Stolon.Cli.Options;
using Stolon.Cluster;
using Stolon.Hosting;

namespace Stolon.Cli.Roles;

/// <summary><c>stolon sentinel</c>.</summary>
internal sealed class SentinelCommand
{
    private readonly StoreFlags store = new();
    private readonly LogFlags log = new();
    private readonly Option<string?> spec = Flag.Text(
        "--initial-cluster-spec", "What to make a cluster from when the store holds none: a file, or the JSON itself (default: wait for ctl init).", "FILE|JSON");

    /// <summary>Makes the command.</summary>
    /// <returns>The command.</returns>
    public Command Create()
    {
        var command = new Command("sentinel", "Watches all others, and decides.") { spec };
        store.AddTo(command);
        log.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    /// <summary>Reads the flags.</summary>
    /// <param name="parsed">The arguments.</param>
    /// <returns>What sets the options of the library.</returns>
    /// <exception cref="CommandException">The specification is no JSON.</exception>
    public Action<SentinelOptions> Read(ParseResult parsed)
    {
        var given = parsed.GetValue(spec);
        if (string.IsNullOrWhiteSpace(given))
        {
            return options => options.CreatesCluster = false;
        }

        if (!given.TrimStart().StartsWith('{'))
        {
            return options => options.InitialClusterSpecFile = given;
        }

        try
        {
            var inline = ClusterSpecJson.ReadGiven(Encoding.UTF8.GetBytes(given));
            return options => options.InitialClusterSpec = inline;
        }
        catch (ClusterDataException exception)
        {
            throw new CommandException($"--initial-cluster-spec: {exception.Message}", exception);
        }
    }

    private Task<int> RunAsync(ParseResult parsed)
    {
        var (where, said, configure) = (store.Read(parsed), log.Read(parsed), Read(parsed));
        return RoleHost.RunAsync("sentinel", where, said, cluster => cluster.AddSentinel(configure));
    }
}
