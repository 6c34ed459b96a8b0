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

    public static string Of(string password, byte[] salt)
    {
        var prepared = Encoding.UTF8.GetBytes(SaslPrep.Prepare(password));
        var salted = Rfc2898DeriveBytes.Pbkdf2(prepared, salt, Iterations, HashAlgorithmName.SHA256, 32);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(salt)}"
            + $"${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}";
    }
}
