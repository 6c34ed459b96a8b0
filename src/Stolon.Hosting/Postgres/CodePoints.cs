using System.Globalization;
using System.Text;

namespace Stolon.Hosting.Postgres;

/// <summary>A set of code points.</summary>
internal sealed class CodePoints
{
    private readonly int[] firsts;
    private readonly int[] lasts;

    /// <summary>Reads the set.</summary>
    /// <param name="ranges">In order, for example <c>A0 2000-200B</c>.</param>
    public CodePoints(string ranges)
    {
        var read = ranges.Split([' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(range => range.Split('-')).ToList();
        firsts = [.. read.Select(range => Number(range[0]))];
        lasts = [.. read.Select(range => Number(range[^1]))];
    }

    /// <summary>Whether it is one of them.</summary>
    public bool Contains(Rune character)
    {
        var found = Array.BinarySearch(firsts, character.Value);
        return found >= 0 || (~found > 0 && character.Value <= lasts[~found - 1]);
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
