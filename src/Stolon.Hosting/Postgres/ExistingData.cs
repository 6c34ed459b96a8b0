using Stolon.Cluster;

namespace Stolon.Hosting.Postgres;

/// <summary>Looks at data that was made elsewhere, and changes none of it (K26, K27).</summary>
internal static class ExistingData
{
    /// <summary>The parameters of its files.</summary>
    /// <exception cref="PostgresInstanceException">It does not start, or does not let the superuser in.</exception>
    public static async Task<ValueMap<string, string>> CaptureAsync(
        PostgresContext context,
        PrivateRun run,
        string pgdata,
        ValueMap<string, string> parameters,
        IEnumerable<string> options,
        CancellationToken cancellationToken)
    {
        var configuration = Path.Combine(pgdata, "postgresql.conf");
        if (!File.Exists(configuration))
        {
            // Distributions keep it elsewhere; PostgreSQL wants one.
            context.Owner.Replace(configuration, "");
        }

        // Its own rules may not know our user on the socket; a password must fit all the same.
        using var rules = SecretFile.Create(context.Folder, context.Owner, $"local all all {context.Settings.Superuser.RuleMethod}\n");
        return await run.RunAsync(
            pgdata,
            parameters,
            ["-c", $"hba_file={rules.Path}", .. options],
            main => PrivateRun.CaptureAsync(main, cancellationToken),
            cancellationToken).ConfigureAwait(false);
    }
}
