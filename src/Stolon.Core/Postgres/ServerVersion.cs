using System.Globalization;

namespace Stolon.Postgres;

/// <summary>A PostgreSQL version. Everything that differs between 13 and 18 asks it, in <see cref="ServerFeatures"/>.</summary>
/// <param name="Major">15 of 15.18; 0 = unknown.</param>
/// <param name="Minor">18 of 15.18; 0 for a development version or beta.</param>
public readonly record struct ServerVersion(int Major, int Minor)
{
    /// <summary>The oldest major version that is supported.</summary>
    public const int OldestMajor = 13;

    /// <summary>The newest major version that this code was written for.</summary>
    public const int NewestMajor = 18;

    /// <summary>Why this version cannot be used, as a sentence; null = it can.</summary>
    public string? Refusal => Major >= OldestMajor
        ? null
        : $"PostgreSQL {this} is too old: versions {OldestMajor} to {NewestMajor} are supported. "
            + "Install a newer one, or name its folder in the option for the binaries.";

    /// <summary>What is worth a remark about this version, as a sentence; null = nothing.</summary>
    public string? Remark => Major <= NewestMajor
        ? null
        : $"PostgreSQL {this} is newer than {NewestMajor}, the newest version known here; it is treated like {NewestMajor}.";

    /// <summary>
    /// Reads what <c>postgres -V</c> or <c>server_version</c> says: <c>postgres (PostgreSQL) 15.18 (Debian 15.18-1)</c>,
    /// <c>16beta1</c>, <c>17devel</c>.
    /// </summary>
    /// <param name="text">The text; null or something else gives false.</param>
    /// <param name="version">The version.</param>
    /// <returns>Whether a version was found.</returns>
    public static bool TryParse(string? text, out ServerVersion version)
    {
        const string Product = "(PostgreSQL)";
        version = default;
        var rest = (text ?? "").AsSpan().Trim();
        var product = rest.IndexOf(Product, StringComparison.Ordinal);
        rest = product >= 0 ? rest[(product + Product.Length)..].TrimStart() : rest;
        if (!TryTakeNumber(ref rest, out var major))
        {
            return false;
        }

        var minor = 0;
        if (rest.StartsWith('.'))
        {
            rest = rest[1..];
            if (!TryTakeNumber(ref rest, out minor))
            {
                return false;
            }
        }

        version = new ServerVersion(major, minor);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Major}.{Minor}";

    private static bool TryTakeNumber(ref ReadOnlySpan<char> rest, out int number)
    {
        var length = rest.IndexOfAnyExceptInRange('0', '9') is var end and >= 0 ? end : rest.Length;
        var found = int.TryParse(rest[..length], NumberStyles.None, CultureInfo.InvariantCulture, out number);
        rest = rest[length..];
        return found;
    }
}
