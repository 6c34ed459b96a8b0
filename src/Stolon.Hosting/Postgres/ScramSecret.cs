using System.Security.Cryptography;
using System.Text;

namespace Stolon.Hosting.Postgres;

/// <summary>What PostgreSQL stores instead of a password (RFC 5803), made here so that the password itself is in no statement (S11).</summary>
internal static class ScramSecret
{
    private const int Iterations = 4096;
    private const int SaltBytes = 16;

    /// <summary>
    /// The secret of a password; the password itself when it holds more than ASCII, which PostgreSQL normalises first (SASLprep).
    /// </summary>
    public static string Of(string password) => Ascii.IsValid(password) ? Of(password, RandomNumberGenerator.GetBytes(SaltBytes)) : password;

    public static string Of(string password, byte[] salt)
    {
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, Iterations, HashAlgorithmName.SHA256, 32);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(salt)}"
            + $"${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}";
    }
}
