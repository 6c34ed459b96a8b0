namespace Stolon.Hosting.Postgres;

/// <summary>
/// What PostgreSQL and its programs get of this process's environment (S11): not the passwords and tokens that a host has there, which
/// every superuser could read. The operator's own commands, such as archive_command, run in the same environment.
/// </summary>
internal static class ProgramEnvironment
{
    /// <summary>Names, and beginnings of names that end with <c>*</c>.</summary>
    private static readonly string[] Passed =
    [
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "LC_*", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "LD_PRELOAD", "SSL_CERT_*",
        // Where the system's locales and users are, on systems that have them elsewhere.
        "LOCPATH", "LOCALE_ARCHIVE*", "NSS_WRAPPER_*",
        // Cloud and backup tools.
        "AWS_*", "AZURE_*", "GOOGLE_*", "GCS_*", "WALG_*", "WALE_*", "PGBACKREST_*", "BARMAN_*",
        "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
    ];

    /// <summary>Settings of this program, passwords among them, in whatever case the host reads them.</summary>
    private static readonly string[] Ours = ["STKEEPER_", "STSENTINEL_", "STPROXY_", "STOLONCTL_", "STOLON__", "STOLON:"];

    /// <summary>Sets the environment of a program.</summary>
    /// <param name="environment">What it would inherit; is changed.</param>
    /// <param name="more">Names that are passed too, as <see cref="KeeperOptions.PassEnvironment"/> has them.</param>
    public static void Restrict(IDictionary<string, string?> environment, IReadOnlyCollection<string> more)
    {
        foreach (var name in environment.Keys.Where(name => !IsPassed(name, more)).ToList())
        {
            environment.Remove(name);
        }
    }

    /// <summary>Whether a variable is passed. Names are told apart by case.</summary>
    public static bool IsPassed(string name, IReadOnlyCollection<string> more) =>
        !Ours.Any(ours => name.StartsWith(ours, StringComparison.OrdinalIgnoreCase))
        && !IsOfLibpq(name)
        && Passed.Concat(more).Any(pattern => Fits(name, pattern));

    /// <summary>PGDATA, PGHOST, PGPASSWORD of whoever started the keeper are meant for psql, not for us.</summary>
    private static bool IsOfLibpq(string name) =>
        name.StartsWith("PG", StringComparison.Ordinal) && !name.StartsWith("PGBACKREST_", StringComparison.Ordinal);

    private static bool Fits(string name, string pattern) =>
        pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : name == pattern;
}
