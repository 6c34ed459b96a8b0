using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Stolon.Hosting.Stores;

/// <summary>
/// The main file of an open store, past SQLite: still there, still the same file, still whole, still the one that the log
/// belongs to. One look costs a few microseconds, so every transaction has one.
/// </summary>
internal sealed class MainFile
{
    /// <summary>The page size of our files.</summary>
    public const int PageSize = 4096;

    /// <summary>SQLite's application id of our files: "Stol".</summary>
    public const int ApplicationId = 0x53746f6c;

    /// <summary>The layout of our tables.</summary>
    public const int LayoutVersion = 1;

    private const int VersionAt = 60;
    private const int ApplicationIdAt = 68;

    private readonly string path;
    private readonly FileIdentity identity;
    private readonly SafeFileHandle file;
    private readonly byte[] pages = new byte[2 * PageSize];
    private FileIdentity? log;
    private FileIdentity? index;
    private long length;
    private long sequence;

    private MainFile(string path, FileIdentity identity)
    {
        this.path = path;
        this.identity = identity;
        file = RawFile.Open(path, identity);
    }

    /// <summary>Looks at the file before SQLite does.</summary>
    /// <param name="path">The file; it is there.</param>
    /// <returns>The file: ours, and not obviously broken.</returns>
    /// <exception cref="Stolon.Storage.StoreUnavailableException">It is not.</exception>
    public static MainFile Open(string path)
    {
        var main = new MainFile(path, FileIdentity.Of(path) ?? throw StoreTrouble.Deleted(path));
        main.ReadStamp();
        return main;
    }

    /// <summary>From now on the log and its index must stay the files that they are; call when SQLite has opened them.</summary>
    public void RememberCompanions()
    {
        log = FileIdentity.Of(path + "-wal");
        index = FileIdentity.Of(path + "-shm");
    }

    /// <summary>Checks that the path still names this file, and that the file was not cut.</summary>
    /// <exception cref="Stolon.Storage.StoreUnavailableException">It does not, or was.</exception>
    public void CheckIdentity()
    {
        if (FileIdentity.Of(path) is not { } now)
        {
            throw StoreTrouble.Deleted(path);
        }

        if (!now.IsSameFile(identity))
        {
            throw StoreTrouble.Replaced(path);
        }

        if (now.Length < length)
        {
            throw now.Length == 0 ? StoreTrouble.Empty(path) : StoreTrouble.Truncated(path);
        }

        length = now.Length;
        CheckCompanion(log, "-wal");
        CheckCompanion(index, "-shm");
    }

    /// <summary>Checks everything; call inside a transaction, after the stamp was read in it.</summary>
    /// <param name="inside">The stamp that SQLite reads: the newest.</param>
    /// <returns>The stamp in the main file itself: the one of the last checkpoint.</returns>
    /// <exception cref="Stolon.Storage.StoreUnavailableException">The file is not the one that the log belongs to.</exception>
    public Stamp Check(Stamp inside)
    {
        CheckIdentity();
        for (var attempt = 0; ; attempt++)
        {
            var outside = ReadStamp();
            if (outside.Store == inside.Store && outside.Sequence <= inside.Sequence
                && outside.Sequence >= inside.Base && outside.Sequence >= sequence)
            {
                sequence = outside.Sequence;
                return outside;
            }

            // A checkpoint may have been writing this very page: look again before crying wolf.
            if (attempt == 3)
            {
                throw StoreTrouble.Mixed(path);
            }
        }
    }

    private Stamp ReadStamp()
    {
        for (var attempt = 0; ; attempt++)
        {
            var read = RandomAccess.Read(file, pages, 0);
            if (read == 0)
            {
                throw StoreTrouble.Empty(path);
            }

            CheckHeader(pages.AsSpan(0, read));
            if (read == pages.Length && Stamp.Find(pages.AsSpan(PageSize)) is { } stamp)
            {
                return stamp;
            }

            if (attempt == 3)
            {
                throw read < pages.Length ? StoreTrouble.Truncated(path) : StoreTrouble.Damaged(path, "its stamp is not where it was");
            }
        }
    }

    private void CheckHeader(ReadOnlySpan<byte> header)
    {
        if (!header.StartsWith("SQLite format 3\0"u8))
        {
            throw StoreTrouble.Foreign(path, "it does not begin like one");
        }

        if (header.Length < ApplicationIdAt + 4)
        {
            throw StoreTrouble.Truncated(path);
        }

        if (BinaryPrimitives.ReadInt32BigEndian(header[ApplicationIdAt..]) != ApplicationId)
        {
            throw StoreTrouble.Foreign(path, "it is an SQLite file of another program");
        }

        var version = BinaryPrimitives.ReadInt32BigEndian(header[VersionAt..]);
        if (version != LayoutVersion)
        {
            throw StoreTrouble.Newer(path, version);
        }
    }

    private void CheckCompanion(FileIdentity? expected, string ending)
    {
        if (expected is { } known && FileIdentity.Of(path + ending)?.IsSameFile(known) != true)
        {
            throw StoreTrouble.LogReplaced(path);
        }
    }
}
