using System.Globalization;
using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>The folder of PostgreSQL's programs, and their version.</summary>
internal sealed record PostgresBinaries(string Folder, ServerVersion Version)
{
    private static readonly string[] Needed = ["postgres", "initdb", "pg_basebackup", "pg_rewind", "pg_controldata"];

    public string Postgres => Path.Combine(Folder, "postgres");

    public string Initdb => Path.Combine(Folder, "initdb");

    public string PgBaseBackup => Path.Combine(Folder, "pg_basebackup");

    public string PgRewind => Path.Combine(Folder, "pg_rewind");

    public string PgControlData => Path.Combine(Folder, "pg_controldata");

    /// <summary>Finds the programs that fit the data, or the newest when there is no data yet.</summary>
    /// <param name="option">Where they must be; null = look in PATH and in the usual places.</param>
    /// <param name="pgdata">Whose <c>PG_VERSION</c> counts.</param>
    /// <param name="owner">As whom they are tried.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="PostgresInstanceException">None fits; the message names what was found and what helps.</exception>
    public static async Task<PostgresBinaries> FindAsync(
        string? option, string pgdata, FileOwner owner, CancellationToken cancellationToken)
    {
        var wanted = MajorOf(pgdata);
        var candidates = option is null ? Candidates() : [option];
        var others = new List<PostgresBinaries>();
        foreach (var folder in candidates)
        {
            if (await TryAsync(folder, owner, cancellationToken).ConfigureAwait(false) is not { } found)
            {
                continue;
            }

            if (found.Version.Refusal is null && (wanted is null || wanted == found.Version.Major))
            {
                return found;
            }

            others.Add(found);
        }

        throw new PostgresInstanceException(Explain(option, pgdata, wanted, others));
    }

    private static string Explain(string? option, string pgdata, int? wanted, List<PostgresBinaries> others)
    {
        var where = option is null ? "in PATH or in the usual places" : $"in {option}";
        if (others.Count == 0)
        {
            return $"PostgreSQL's programs ({string.Join(", ", Needed)}) were not found {where}. "
                + "Install PostgreSQL's server, or name the folder of its programs in the option BinDirectory.";
        }

        var found = string.Join(", ", others.Select(other => $"{other.Version} in {other.Folder}"));
        return wanted is { } major
            ? $"{pgdata} was made by PostgreSQL {major}, but {where} there is only {found}. "
                + $"Install PostgreSQL {major}, or name the folder of its programs in the option BinDirectory."
            : others[0].Version.Refusal!;
    }

    /// <summary>PATH first, then Debian's, Red Hat's and Homebrew's folders, the newest of each first.</summary>
    private static IEnumerable<string> Candidates()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, "postgres"))
            .Where(File.Exists)
            .Select(RealFolder);
        return path
            .Concat(Versions("/usr/lib/postgresql", "*", "bin"))
            .Concat(Versions("/usr", "pgsql-*", "bin"))
            .Append("/usr/bin")
            .Concat(Versions("/opt/homebrew/opt", "postgresql@*", "bin"))
            .Concat(Versions("/usr/local/opt", "postgresql@*", "bin"))
            .Distinct(StringComparer.Ordinal);
    }

    /// <summary>A distribution links single programs into PATH; the others are beside the real one.</summary>
    private static string RealFolder(string program) =>
        Path.GetDirectoryName(File.ResolveLinkTarget(program, returnFinalTarget: true)?.FullName ?? program)!;

    private static IEnumerable<string> Versions(string root, string pattern, string below) =>
        Directory.Exists(root)
            ? Directory.EnumerateDirectories(root, pattern)
                .OrderByDescending(NumberIn)
                .Select(folder => Path.Combine(folder, below))
            : [];

    private static double NumberIn(string folder)
    {
        var name = Path.GetFileName(folder).AsSpan();
        var start = name.IndexOfAnyInRange('0', '9');
        return start >= 0 && double.TryParse(name[start..], CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    private static async Task<PostgresBinaries?> TryAsync(string folder, FileOwner owner, CancellationToken cancellationToken)
    {
        if (!Needed.All(program => File.Exists(Path.Combine(folder, program))))
        {
            return null;
        }

        var result = await PostgresProgram.RunAsync(
            owner, "/", Path.Combine(folder, "postgres"), ["-V"], null, null, cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0 && ServerVersion.TryParse(result.Output, out var version)
            ? new PostgresBinaries(folder, version)
            : null;
    }

    private static int? MajorOf(string pgdata)
    {
        var file = Path.Combine(pgdata, "PG_VERSION");
        return File.Exists(file) && int.TryParse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture, out var major)
            ? major
            : null;
    }
}
