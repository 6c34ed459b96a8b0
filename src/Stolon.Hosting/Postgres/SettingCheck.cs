using System.Collections.Immutable;
using Stolon.Cluster;

namespace Stolon.Hosting.Postgres;

/// <summary>Finds out, without a server, which parameters would keep PostgreSQL from starting.</summary>
internal static class SettingCheck
{
    /// <summary>Looks for what would keep PostgreSQL from starting.</summary>
    /// <param name="context">The program, and as whom it runs.</param>
    /// <param name="parameters">The parameters to look at.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What it does not accept; null when it accepts every one.</returns>
    public static async Task<Refusal?> RunAsync(
        PostgresContext context, ValueMap<string, string> parameters, CancellationToken cancellationToken)
    {
        var refused = await FindAsync(context, parameters, cancellationToken).ConfigureAwait(false);
        return refused.IsEmpty
            ? null
            : new Refusal(
                [.. refused.Select(one => one.Name.ToLowerInvariant())], 0, string.Join("; ", refused.Select(one => $"{one.Name}: {one.Said}")));
    }

    /// <summary>Asks the program for all at once, and if it does not accept them for each alone, since it stops at the first mistake.</summary>
    /// <param name="context">The program, and as whom it runs.</param>
    /// <param name="parameters">The parameters to look at.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What it does not accept, and what it said.</returns>
    public static async Task<ImmutableArray<(string Name, string Said)>> FindAsync(
        PostgresContext context, ValueMap<string, string> parameters, CancellationToken cancellationToken)
    {
        var refused = ImmutableArray.CreateBuilder<(string Name, string Said)>();
        if (await AskAsync(context, parameters, cancellationToken).ConfigureAwait(false) is null)
        {
            return [];
        }

        foreach (var (name, value) in parameters)
        {
            if (await AskAsync(context, ValueMap<string, string>.Empty.With(name, value), cancellationToken).ConfigureAwait(false) is { } said)
            {
                refused.Add((name, said));
            }
        }

        return refused.ToImmutable();
    }

    private static async Task<string?> AskAsync(PostgresContext context, ValueMap<string, string> parameters, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            "-D", context.Folder.Pgdata, "-c", "config_file=/dev/null", .. parameters.SelectMany(entry => new[] { "-c", $"{entry.Key}={entry.Value}" }),
            "-C", "port",
        ];
        var result = await context.RunAsync(context.Binaries.Postgres, arguments, null, cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0 ? null : result.Errors;
    }
}
