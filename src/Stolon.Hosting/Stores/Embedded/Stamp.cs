using System.Buffers.Binary;

namespace Stolon.Hosting.Stores;

/// <summary>
/// What ties the main file and SQLite's write-ahead log together. Every transaction writes one, so the log always holds the newest,
/// and the main file holds the one of its last checkpoint. A log records how far the main file was at the least, so a main
/// file that was exchanged for an older copy, or for another store, is noticed, and is never mixed with a log that is not its own.
/// </summary>
/// <param name="Store">The store: drawn when its file was made.</param>
/// <param name="Base">The main file's own sequence when this stamp was written: it never falls below it.</param>
/// <param name="Sequence">Counts transactions.</param>
internal readonly record struct Stamp(Guid Store, long Base, long Sequence)
{
    /// <summary>How many bytes a stamp has.</summary>
    public const int Length = 40;

    /// <summary>Reads the bytes of one.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>The stamp; null when it is none.</returns>
    public static Stamp? Read(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= Length && bytes.StartsWith(Mark)
            ? new Stamp(
                new Guid(bytes.Slice(8, 16)),
                BinaryPrimitives.ReadInt64BigEndian(bytes[24..]),
                BinaryPrimitives.ReadInt64BigEndian(bytes[32..]))
            : null;

    /// <summary>Finds the stamp in a page of the main file: the page of table <c>head</c>, a leaf with one row.</summary>
    /// <param name="page">The page.</param>
    /// <returns>The stamp; null when there is none.</returns>
    public static Stamp? Find(ReadOnlySpan<byte> page)
    {
        const byte leafOfTable = 13;
        if (page.Length < 10 || page[0] != leafOfTable || BinaryPrimitives.ReadUInt16BigEndian(page[3..]) != 1)
        {
            return null;
        }

        var cell = BinaryPrimitives.ReadUInt16BigEndian(page[8..]);
        var at = cell < page.Length ? page[cell..].IndexOf(Mark) : -1;
        return at < 0 ? null : Read(page[(cell + at)..]);
    }

    /// <summary>Writes it.</summary>
    /// <returns>Its bytes.</returns>
    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        Mark.CopyTo(bytes);
        Store.TryWriteBytes(bytes.AsSpan(8));
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(24), Base);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(32), Sequence);
        return bytes;
    }

    private static ReadOnlySpan<byte> Mark => "stolon#1"u8;
}
