using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>Init mode existing: looks at data that is there, and changes none of it (K27).</summary>
internal static class ExistingData
{
    /// <summary>The parameters of its files.</summary>
    /// <exception cref="PostgresInstanceException">It does not start, or does not let the superuser in.</exception>
    public static async Task<ValueMap<string, string>> CaptureAsync(
        PostgresContext context, Postmaster postmaster, ValueMap<string, string> parameters, TimeSpan limit, CancellationToken cancellationToken)
    {
        var pgdata = context.Folder.Pgdata;
        var configuration = Path.Combine(pgdata, "postgresql.conf");
        if (!File.Exists(configuration))
        {
            // Distributions keep it elsewhere; PostgreSQL wants one.
            context.Owner.Replace(configuration, "");
        }

        // Its own rules may not know our user on the socket; a password must fit all the same.
        var superuser = context.Settings.Superuser;
        // Where nobody chose a method it is md5, which takes SCRAM secrets too (Q17).
        var method = superuser.AuthMethod.Length > 0 ? superuser.AuthMethod : AuthMethods.Md5;
        using var rules = SecretFile.Create(context.Folder, context.Owner, $"local all all {method}\n");
        return await new PrivateRun(context, postmaster, limit).RunAsync(
            pgdata,
            parameters,
            ["-c", $"hba_file={rules.Path}"],
            main => PrivateRun.CaptureAsync(main, cancellationToken),
            cancellationToken).ConfigureAwait(false);
    }
}
