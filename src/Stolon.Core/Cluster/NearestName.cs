namespace Stolon.Cluster;

/// <summary>Finds the name that somebody may have meant who wrote an unknown one.</summary>
internal static class NearestName
{
    /// <summary>More letters than these are another word, not a slip.</summary>
    private const int MostSlips = 2;

    /// <summary>Finds it.</summary>
    /// <param name="written">What was written.</param>
    /// <param name="known">The names that there are.</param>
    /// <returns>The name with the fewest letters wrong, missing, too many or exchanged, if these are few; else null. Case does not count.</returns>
    public static string? Find(string written, IEnumerable<string> known)
    {
        var most = Math.Min(MostSlips, (written.Length - 1) / 3);
        return known
            .Where(name => Math.Abs(name.Length - written.Length) <= most)
            .Select(name => (Name: name, Slips: Slips(written.ToLowerInvariant(), name.ToLowerInvariant())))
            .Where(candidate => candidate.Slips <= most)
            .OrderBy(candidate => candidate.Slips).ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .FirstOrDefault().Name;
    }

    /// <summary>The words for it, with a space before; empty when there is none.</summary>
    /// <param name="written">What was written.</param>
    /// <param name="known">The names that there are.</param>
    /// <returns>For example <c> (did you mean pgHBA?)</c>.</returns>
    public static string Hint(string written, IEnumerable<string> known) =>
        Find(written, known) is { } meant ? $" (did you mean {meant}?)" : "";

    /// <summary>The edit distance in which two neighbours that changed places are one slip.</summary>
    private static int Slips(string one, string other)
    {
        var rows = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++)
        {
            for (var j = 0; j <= other.Length; j++)
            {
                rows[i, j] = i == 0 || j == 0
                    ? i + j
                    : Math.Min(
                        Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1,
                        rows[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[one.Length, other.Length];
    }
}
