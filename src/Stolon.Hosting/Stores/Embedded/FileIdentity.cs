using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Stolon.Hosting.Stores;

/// <summary>Which file a path names, and how long the file is.</summary>
/// <param name="Device">The device.</param>
/// <param name="Inode">The file on it.</param>
/// <param name="Length">Its length in bytes.</param>
internal readonly partial record struct FileIdentity(ulong Device, ulong Inode, long Length)
{
    private const int CurrentFolder = -100;
    private const int EmptyPath = 0x1000;
    private const uint BasicFields = 0x7ff;
    private const int NoSuchFile = 2;
    private const int NotAFolder = 20;

    /// <summary>Whether both are the same file, whatever its length.</summary>
    /// <param name="other">The other.</param>
    /// <returns>True if they are.</returns>
    public bool IsSameFile(FileIdentity other) => Device == other.Device && Inode == other.Inode;

    /// <summary>Looks at a path.</summary>
    /// <param name="path">The path; links are followed.</param>
    /// <returns>The file, or null when there is none.</returns>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static FileIdentity? Of(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            var file = new FileInfo(path);
            return file.Exists ? new FileIdentity(0, (ulong)file.CreationTimeUtc.Ticks, file.Length) : null;
        }

        return Ask(CurrentFolder, path, 0);
    }

    /// <summary>Looks at an open file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">The path that it was opened by.</param>
    /// <returns>The file.</returns>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static FileIdentity Of(SafeFileHandle file, string path) =>
        (OperatingSystem.IsLinux() ? Ask((int)file.DangerousGetHandle(), "", EmptyPath) : Of(path))
        ?? throw new FileNotFoundException("The file vanished.", path);

    [SupportedOSPlatform("linux")]
    private static FileIdentity? Ask(int folder, string path, int flags)
    {
        // struct statx is 256 bytes and the same on every architecture.
        Span<byte> buffer = stackalloc byte[256];
        int result;
        unsafe
        {
            fixed (byte* start = buffer)
            {
                result = Statx(folder, path, flags, BasicFields, start);
            }
        }

        if (result == 0)
        {
            var device = ((ulong)MemoryMarshal.Read<uint>(buffer[136..]) << 32) | MemoryMarshal.Read<uint>(buffer[140..]);
            return new FileIdentity(device, MemoryMarshal.Read<ulong>(buffer[32..]), MemoryMarshal.Read<long>(buffer[40..]));
        }

        var error = Marshal.GetLastPInvokeError();
        return error is NoSuchFile or NotAFolder ? null : throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Statx(int folder, string path, int flags, uint mask, byte* result);
}

/// <summary>
/// A look at the store file past SQLite. A descriptor of the file must never be closed while SQLite has the file open anywhere in
/// this process, since its locks (POSIX) would go with it. So each file is opened once per process, and stays open.
/// That also keeps its inode from being used again for another file.
/// </summary>
internal static class RawFile
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<(ulong Device, ulong Inode), SafeFileHandle> Opened = [];

    /// <summary>Opens the file that a path names, or finds it open.</summary>
    /// <param name="path">The path.</param>
    /// <param name="identity">What the path named a moment ago.</param>
    /// <returns>The file.</returns>
    /// <exception cref="IOException">It cannot be opened, or is being replaced just now.</exception>
    public static SafeFileHandle Open(string path, FileIdentity identity)
    {
        lock (Gate)
        {
            if (Opened.TryGetValue((identity.Device, identity.Inode), out var known))
            {
                return known;
            }

            var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var actual = FileIdentity.Of(handle, path);
            Opened.TryAdd((actual.Device, actual.Inode), handle);
            return actual.IsSameFile(identity) ? handle : throw new IOException($"{path} is being replaced.");
        }
    }
}
