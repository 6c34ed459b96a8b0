using System.Collections.Immutable;
using Stolon.Cluster;

namespace Stolon.Hosting.Postgres;

/// <summary>Finds out, without a server, which parameters would keep PostgreSQL from starting.</summary>
internal static class SettingCheck
{
    /// <summary>Asks the program for each alone, since it stops at the first that it does not accept.</summary>
    /// <param name="context">The program, and as whom it runs.</param>
    /// <param name="parameters">The parameters to look at.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What it does not accept; null when it accepts every one.</returns>
    public static async Task<Refusal?> RunAsync(
        PostgresContext context, ValueMap<string, string> parameters, CancellationToken cancellationToken)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        var said = new List<string>();
        foreach (var (name, value) in parameters)
        {
            string[] arguments = ["-D", context.Folder.Pgdata, "-c", "config_file=/dev/null", "-c", $"{name}={value}", "-C", "port"];
            var result = await context.RunAsync(context.Binaries.Postgres, arguments, null, cancellationToken).ConfigureAwait(false);
            if (result.ExitCode != 0)
            {
                names.Add(name.ToLowerInvariant());
                said.Add($"{name}: {result.Errors}");
            }
        }

        return names.Count == 0 ? null : new Refusal(names.ToImmutable(), 0, string.Join("; ", said));
    }
}
