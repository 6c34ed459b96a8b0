using System.Globalization;
using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>Reads <c>pg_control</c> through <c>pg_controldata</c>, once for each state of the file.</summary>
internal sealed class ControlFile(PostgresContext context)
{
    private (FileIdentity Identity, DateTime Written, ControlData Data)? known;

    /// <summary>Null when there is no control file.</summary>
    /// <exception cref="PostgresInstanceException">It cannot be read.</exception>
    public async Task<ControlData?> ReadAsync(CancellationToken cancellationToken)
    {
        var pgdata = context.Folder.Pgdata;
        var path = Path.Combine(pgdata, "global", "pg_control");
        if (Libc.Status(path) is not { Identity: var identity })
        {
            return null;
        }

        var written = File.GetLastWriteTimeUtc(path);
        if (known is { } last && last.Identity == identity && last.Written == written)
        {
            return last.Data;
        }

        var result = await context.RunAsync(context.Binaries.PgControlData, ["-D", pgdata], null, cancellationToken)
            .ConfigureAwait(false);
        var data = result.ExitCode == 0
            ? Parse(result.Output)
            : throw context.Failure($"The control file of {pgdata} cannot be read", result);
        known = (identity, written, data);
        return data;
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
            Lsn.TryParse(Find("Latest checkpoint location"), out var checkpoint) ? checkpoint : Lsn.Zero)
        {
            Limits = StandbyLimits.Read(name => lines[name].FirstOrDefault()),
        };
    }
}
