using System.Globalization;

namespace Stolon.Aspire.Programs;

/// <summary>Where PostgreSQL's programs are on this machine.</summary>
internal static class PostgresSearch
{
    /// <summary>Where Debian, Red Hat and Homebrew put a major version.</summary>
    private static readonly string[] Places =
    [
        "/usr/lib/postgresql/{0}/bin", "/usr/pgsql-{0}/bin", "/opt/homebrew/opt/postgresql@{0}/bin", "/usr/local/opt/postgresql@{0}/bin",
    ];

    /// <summary>The oldest and newest major version that is looked for, newest first, where none is asked for.</summary>
    private static readonly int[] Majors = [18, 17, 16, 15, 14, 13];

    /// <summary>Finds them.</summary>
    /// <param name="major">The major version that is asked for; null = the newest that is there.</param>
    /// <param name="exists">Whether a file is there.</param>
    /// <returns>The folder; null = it is not there.</returns>
    public static string? Find(int? major, Func<string, bool> exists) =>
        (major is { } one ? [one] : Majors)
            .SelectMany(version => Places.Select(place => string.Format(CultureInfo.InvariantCulture, place, version)))
            .FirstOrDefault(folder => exists(Path.Combine(folder, "postgres")));

    /// <summary>The major version of a version or an image's tag.</summary>
    /// <param name="version">For example <c>17</c>, <c>17.2</c> or <c>17-bookworm</c>.</param>
    /// <returns>For example 17.</returns>
    /// <exception cref="ArgumentException">It does not begin with a version from 13 to 18.</exception>
    public static int Major(string version)
    {
        var digits = new string([.. version.TakeWhile(char.IsAsciiDigit)]);
        return int.TryParse(digits, CultureInfo.InvariantCulture, out var major) && Majors.Contains(major)
            ? major
            : throw new ArgumentException($"\"{version}\" is no version of PostgreSQL from {Majors[^1]} to {Majors[0]}, such as \"17\".", nameof(version));
    }
}
