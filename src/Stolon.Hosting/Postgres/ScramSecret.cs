using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Stolon.Hosting.Postgres;

/// <summary>What PostgreSQL stores instead of a password (RFC 5803), made here so that the password itself is in no statement (S11).</summary>
internal static class ScramSecret
{
    private const int Iterations = 4096;
    private const int SaltBytes = 16;

    /// <summary>The secret of a password, with a new salt.</summary>
    /// <exception cref="PostgresInstanceException">The password cannot be prepared here.</exception>
    public static string Of(string password) => Of(password, RandomNumberGenerator.GetBytes(SaltBytes));

    /// <summary>Whether a password is the one of a stored secret, of SCRAM or MD5.</summary>
    /// <param name="stored">What <c>pg_authid</c> has; null = the role has no password.</param>
    /// <param name="user">The role, which MD5 has in its secrets.</param>
    /// <param name="password">The password.</param>
    /// <exception cref="PostgresInstanceException">The password cannot be prepared here.</exception>
    public static bool Fits(string? stored, string user, string password)
    {
        if (stored is null || stored.StartsWith("md5", StringComparison.Ordinal))
        {
            return stored == Md5Of(user, password);
        }

        return stored.Split('$', ':') is ["SCRAM-SHA-256", var iterations, var salt, _, _]
            && int.TryParse(iterations, CultureInfo.InvariantCulture, out var count)
            && stored == Of(password, Convert.FromBase64String(salt), count);
    }

    public static string Of(string password, byte[] salt, int iterations = Iterations)
    {
        var prepared = Encoding.UTF8.GetBytes(SaslPrep.Prepare(password));
        var salted = Rfc2898DeriveBytes.Pbkdf2(prepared, salt, iterations, HashAlgorithmName.SHA256, 32);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return $"SCRAM-SHA-256${iterations}:{Convert.ToBase64String(salt)}"
            + $"${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}";
    }

#pragma warning disable CA5351 // PostgreSQL's own choice, which is only compared here.
    private static string Md5Of(string user, string password) =>
        $"md5{Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(password + user)))}";
#pragma warning restore CA5351
}
