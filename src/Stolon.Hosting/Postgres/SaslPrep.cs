using System.Text;

namespace Stolon.Hosting.Postgres;

/// <summary>Prepares a password as PostgreSQL and its clients do before they hash it (SASLprep, RFC 4013).</summary>
internal static class SaslPrep
{
    /// <summary>A program that is built without cultures (InvariantGlobalization) normalises nothing.</summary>
    private static readonly bool Normalises = "\u00bd".Normalize(NormalizationForm.FormKC) != "\u00bd";

    /// <summary>The prepared password. One that cannot be prepared is taken as it is, as PostgreSQL does.</summary>
    /// <exception cref="PostgresInstanceException">It would have to be normalised, and this program cannot do it.</exception>
    public static string Prepare(string password) =>
        TryPrepare(password)
        ?? throw new PostgresInstanceException(
            "A password has characters that can be written in more than one way, such as a fraction or an accent on its own, and this program, "
            + "which was built without cultures (InvariantGlobalization), cannot bring them into the usual one. Choose another password.");

    /// <summary>The same; null when this program cannot do it.</summary>
    public static string? TryPrepare(string password)
    {
        if (Ascii.IsValid(password) || !IsUnicode(password))
        {
            return password;
        }

        var mapped = password.EnumerateRunes()
            .Select(one => SaslPrepTables.Spaces.Contains(one) ? new Rune(' ') : one)
            .Where(one => !SaslPrepTables.Nothing.Contains(one))
            .ToList();

        // PostgreSQL looks for what is prohibited before it normalises, and so does this.
        return mapped.Count == 0 || mapped.Exists(IsProhibited) || !RunsOneWay(mapped)
            ? password
            : Normalise(string.Concat(mapped.Select(one => one.ToString())), mapped);
    }

    /// <summary>Half a surrogate pair is no character.</summary>
    private static bool IsUnicode(string text)
    {
        for (var at = 0; at < text.Length; at += char.IsSurrogate(text[at]) ? 2 : 1)
        {
            if (!Rune.TryGetRuneAt(text, at, out _))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsProhibited(Rune one) => SaslPrepTables.Prohibited.Contains(one) || SaslPrepTables.Unassigned.Contains(one);

    /// <summary>What has letters from right to left begins and ends with one, and has none from left to right.</summary>
    private static bool RunsOneWay(List<Rune> text) =>
        !text.Exists(SaslPrepTables.RightToLeft.Contains)
        || (!text.Exists(SaslPrepTables.LeftToRight.Contains)
            && SaslPrepTables.RightToLeft.Contains(text[0]) && SaslPrepTables.RightToLeft.Contains(text[^1]));

    private static string? Normalise(string text, List<Rune> runes) =>
        !runes.Exists(SaslPrepTables.Changing.Contains) ? text
            : Normalises ? text.Normalize(NormalizationForm.FormKC)
            : null;
}
