namespace Stolon.Postgres;

/// <summary>The methods of <c>pg_hba.conf</c> that keepers use (Q17).</summary>
public static class AuthMethods
{
    /// <summary>The password is proved, never sent, and stored as a SCRAM secret.</summary>
    public const string Scram = "scram-sha-256";

    /// <summary>Accepts MD5 and SCRAM secrets. Deprecated by PostgreSQL 18.</summary>
    public const string Md5 = "md5";

    /// <summary>Everybody who can connect is who they say.</summary>
    public const string Trust = "trust";
}
