using System.Globalization;
using Stolon.Cluster;

namespace Stolon.Hosting.Postgres;

/// <summary>Reads <c>pg_control</c> through <c>pg_controldata</c>.</summary>
internal static class ControlFile
{
    /// <summary>Null when there is no control file.</summary>
    /// <exception cref="PostgresInstanceException">It cannot be read.</exception>
    public static async Task<ControlData?> ReadAsync(PostgresContext context, CancellationToken cancellationToken)
    {
        var pgdata = context.Folder.Pgdata;
        if (!File.Exists(Path.Combine(pgdata, "global", "pg_control")))
        {
            return null;
        }

        var result = await context.RunAsync(context.Binaries.PgControlData, ["-D", pgdata], null, cancellationToken)
            .ConfigureAwait(false);
        return result.ExitCode == 0 ? Parse(result.Output) : throw context.Failure($"The control file of {pgdata} cannot be read", result);
    }

    public static ControlData Parse(string text)
    {
        var lines = text.Split('\n')
            .Select(line => line.Split(':', 2))
            .Where(parts => parts.Length == 2)
            .ToLookup(parts => parts[0].Trim(), parts => parts[1].Trim(), StringComparer.Ordinal);
        string Find(string name) => lines[name].FirstOrDefault()
            ?? throw new PostgresInstanceException($"pg_controldata does not say \"{name}\".");
        return new ControlData(
            Find("Database system identifier"),
            Find("Database cluster state"),
            uint.Parse(Find("Latest checkpoint's TimeLineID"), CultureInfo.InvariantCulture),
            Lsn.TryParse(Find("Latest checkpoint location"), out var checkpoint) ? checkpoint : Lsn.Zero);
    }
}
