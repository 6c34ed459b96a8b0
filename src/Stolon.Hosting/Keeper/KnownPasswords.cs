using System.Text.Json;
using Stolon.Hosting.Postgres;

namespace Stolon.Hosting.Keeper;

/// <summary>
/// The passwords that this keeper knows, in a file of its data directory, 0600: a keeper that is restarted with a new one has to log in
/// once more with the one that the roles still have.
/// </summary>
/// <param name="folder">The keeper's data directory.</param>
/// <param name="owner">To whom the file belongs.</param>
internal sealed class KnownPasswords(string folder, FileOwner owner)
{
    private string File => Path.Combine(folder, "passwords.json");

    /// <summary>Tells the roles what was known in an earlier life. A file that cannot be read is as good as none.</summary>
    /// <param name="roles">The roles.</param>
    public void Recall(params ReadOnlySpan<PostgresCredentials> roles)
    {
        var kept = Read();
        foreach (var role in roles)
        {
            if (role.AuthMethod != Stolon.Postgres.AuthMethods.Trust)
            {
                role.Passwords.Remember(kept.GetValueOrDefault(role.UserName) ?? []);
            }
        }
    }

    /// <summary>Writes down what is known now, if that is not what the file says.</summary>
    /// <param name="roles">The roles.</param>
    /// <exception cref="IOException">It could not be written.</exception>
    public void Keep(params IEnumerable<PostgresCredentials> roles)
    {
        var known = roles.DistinctBy(role => role.UserName).Where(role => role.Passwords.Known.Count > 0)
            .ToDictionary(role => role.UserName, role => role.Passwords.Known.ToArray(), StringComparer.Ordinal);
        var text = JsonSerializer.Serialize(known);
        if (text != JsonSerializer.Serialize(Read()))
        {
            owner.Replace(File, text);
        }
    }

    private Dictionary<string, string[]> Read()
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string[]>>(System.IO.File.ReadAllText(File)) ?? [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }
}
