using System.Globalization;
using System.Text;

namespace Stolon.Postgres;

/// <summary>libpq connection strings (C2) and password files. A password is only ever in the file (S11).</summary>
public static class ConnInfoText
{
    /// <summary>Writes a connection string: keys sorted, <c>sslmode=prefer</c>.</summary>
    /// <param name="server">The server and the user.</param>
    /// <param name="passFile">The file with the password; null = no password.</param>
    /// <returns>The connection string.</returns>
    public static string Render(ConnInfo server, string? passFile = null) => Render(
    [
        new("application_name", server.ApplicationName),
        new("host", server.Host),
        new("passfile", passFile ?? ""),
        new("port", server.Port.ToString(CultureInfo.InvariantCulture)),
        new("sslmode", "prefer"),
        new("user", server.User),
    ]);

    /// <summary>Writes a connection string: keys sorted, empty values left out.</summary>
    /// <param name="entries">The keys and values.</param>
    /// <returns>The connection string.</returns>
    public static string Render(IEnumerable<KeyValuePair<string, string>> entries) => string.Join(' ', entries
        .Where(entry => entry.Value.Length > 0)
        .OrderBy(entry => entry.Key, StringComparer.Ordinal)
        .Select(entry => $"{entry.Key}={Escape(entry.Value)}"));

    /// <summary>Writes a password file that fits every server and database.</summary>
    /// <param name="user">The user.</param>
    /// <param name="password">The password.</param>
    /// <returns>The file's text.</returns>
    public static string PassFile(string user, string password)
    {
        if (ConfigFile.HasLineBreak(password) || ConfigFile.HasLineBreak(user))
        {
            throw new ArgumentException("a user name or password cannot hold a line break", nameof(password));
        }

        return $"*:*:*:{EscapeField(user)}:{EscapeField(password)}\n";
    }

    private static string EscapeField(string field) =>
        field.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal);

    private static string Escape(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (var character in value)
        {
            if (character is '\'' or '\\' || char.IsWhiteSpace(character))
            {
                text.Append('\\');
            }

            text.Append(character);
        }

        return text.ToString();
    }
}
