using System.Globalization;

namespace Stolon.Cluster;

/// <summary>A position in the write-ahead log, in bytes from its beginning.</summary>
/// <param name="Value">The position as an unsigned 64-bit number, as it stands in the document (M13).</param>
public readonly record struct Lsn(ulong Value) : IComparable<Lsn>
{
    /// <summary>The invalid position, <c>0/0</c>: nothing is known.</summary>
    public static readonly Lsn Zero;

    /// <summary>Whether the left position is before the right one.</summary>
    /// <param name="left">One position.</param>
    /// <param name="right">The other position.</param>
    public static bool operator <(Lsn left, Lsn right) => left.Value < right.Value;

    /// <summary>Whether the left position is after the right one.</summary>
    /// <param name="left">One position.</param>
    /// <param name="right">The other position.</param>
    public static bool operator >(Lsn left, Lsn right) => left.Value > right.Value;

    /// <summary>Whether the left position is not after the right one.</summary>
    /// <param name="left">One position.</param>
    /// <param name="right">The other position.</param>
    public static bool operator <=(Lsn left, Lsn right) => left.Value <= right.Value;

    /// <summary>Whether the left position is not before the right one.</summary>
    /// <param name="left">One position.</param>
    /// <param name="right">The other position.</param>
    public static bool operator >=(Lsn left, Lsn right) => left.Value >= right.Value;

    /// <summary>Reads PostgreSQL's notation, <c>16/B374D848</c>.</summary>
    /// <param name="text">The text; null or malformed gives false.</param>
    /// <param name="lsn">The position.</param>
    /// <returns>Whether the text was a position.</returns>
    public static bool TryParse(string? text, out Lsn lsn)
    {
        lsn = Zero;
        if (text?.Split('/') is not [var high, var low]
            || !uint.TryParse(high, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var upper)
            || !uint.TryParse(low, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var lower))
        {
            return false;
        }

        lsn = new Lsn(((ulong)upper << 32) | lower);
        return true;
    }

    /// <summary>Bytes from <paramref name="earlier"/> to this position; negative when this one is before it (P8 is signed).</summary>
    /// <param name="earlier">The position to measure from.</param>
    /// <returns>The distance in bytes.</returns>
    public long BytesAfter(Lsn earlier) => unchecked((long)(Value - earlier.Value));

    /// <inheritdoc/>
    public int CompareTo(Lsn other) => Value.CompareTo(other.Value);

    /// <summary>PostgreSQL's notation.</summary>
    /// <returns>For example <c>16/B374D848</c>.</returns>
    public override string ToString() => $"{Value >> 32:X}/{Value & 0xffffffff:X}";
}
