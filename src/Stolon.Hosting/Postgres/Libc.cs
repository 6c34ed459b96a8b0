using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stolon.Hosting.Postgres;

/// <summary>Which file a path names: stays the same when the path changes.</summary>
internal readonly record struct FileIdentity(ulong Device, ulong Inode);

/// <summary>What Linux knows about a file.</summary>
internal readonly record struct FileStatus(FileIdentity Identity, uint Owner, uint Group, uint Mode)
{
    private const uint TypeMask = 0xF000;

    public bool IsDirectory => (Mode & TypeMask) == 0x4000;

    public bool IsLink => (Mode & TypeMask) == 0xA000;
}

/// <summary>The few calls of Linux that .NET does not offer.</summary>
internal static partial class Libc
{
    public const int SigHup = 1;
    public const int SigInt = 2;
    public const int SigQuit = 3;
    public const int SigKill = 9;
    public const int SigTerm = 15;

    private const int AtCurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint BasicStats = 0x7ff;
    private const uint RenameExchange = 2;
    private const int ReadOnlyDirectory = 0x80000;
    private const int InvalidArgument = 22;
    private const int NotImplemented = 38;
    private const int SetDumpable = 4;

    /// <summary>The user that this process acts as.</summary>
    public static uint EffectiveUser => GetEffectiveUser();

    /// <summary>Sends a signal; false when there is no such process, or it is not ours.</summary>
    public static bool Signal(int process, int signal) => Kill(process, signal) == 0;

    /// <summary>Null when the file does not exist or may not be looked at.</summary>
    public static FileStatus? Status(string path, bool follow = true) =>
        Statx(AtCurrentDirectory, path, follow ? 0 : NoFollow, BasicStats, out var status) != 0
            ? null
            : new FileStatus(
                new FileIdentity(((ulong)status.DeviceMajor << 32) | status.DeviceMinor, status.Inode),
                status.User,
                status.Group,
                status.Mode);

    /// <summary>The path without links; null when it does not exist.</summary>
    public static string? RealPath(string path)
    {
        var found = ResolvePath(path, 0);
        if (found == 0)
        {
            return null;
        }

        try
        {
            return Marshal.PtrToStringUTF8(found);
        }
        finally
        {
            Free(found);
        }
    }

    public static void ChangeOwner(string path, uint user, uint group) => Check(Lchown(path, user, group), path);

    public static void ChangeOwner(SafeFileHandle file, uint user, uint group) => Check(Fchown(file, user, group), "a new file");

    /// <summary>Makes renames in a folder survive a power cut.</summary>
    public static void SyncDirectory(string path)
    {
        using var handle = Open(path, ReadOnlyDirectory);
        Check(handle.IsInvalid ? -1 : Fsync(handle), path);
    }

    /// <summary>Exchanges two names in one step; false when the file system cannot.</summary>
    public static bool TryExchange(string one, string other)
    {
        try
        {
            if (Renameat2(AtCurrentDirectory, one, AtCurrentDirectory, other, RenameExchange) == 0)
            {
                return true;
            }
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }

        return Marshal.GetLastPInvokeError() is InvalidArgument or NotImplemented
            ? false
            : throw new IOException($"{one} and {other} could not be exchanged: {LastError()}.");
    }

    /// <summary>The ids of a user; null when there is none of that name.</summary>
    public static (uint User, uint Group, string Home)? FindUser(string name)
    {
        lock (UserGate)
        {
            var found = GetUser(name);
            return found == 0 ? null : ReadUser(found);
        }
    }

    /// <summary>The name of a user; its number when it has none.</summary>
    public static string UserName(uint user)
    {
        lock (UserGate)
        {
            var found = GetUserById(user);
            return found == 0 ? $"{user}" : Marshal.PtrToStringUTF8(Marshal.ReadIntPtr(found)) ?? $"{user}";
        }
    }

    /// <summary>Takes an exclusive lock that belongs to the open file: also against others in this process (Q43).</summary>
    public static bool TryLock(SafeFileHandle file)
    {
        const int openFileSetLock = 37;
        const short writeLock = 1;
        var wanted = new FileLock { Type = writeLock };
        return Fcntl(file, openFileSetLock, ref wanted) == 0;
    }

    /// <summary>
    /// Lets this thread look at files and processes as another user does, and root with that user's rights only. For root only, and not
    /// across an await: the thread's own user returns with the disposal.
    /// </summary>
    public static FileUser ActAs(uint user, uint group) => new(user, group);

    /// <summary>The user and group that a thread looks at files as.</summary>
    public readonly ref struct FileUser : IDisposable
    {
        private readonly int user;
        private readonly int group;

        public FileUser(uint user, uint group)
        {
            // In this order: afterwards the thread may not change its group.
            this.group = SetFileGroup(group);
            this.user = SetFileUser(user);
        }

        public void Dispose()
        {
            _ = SetFileUser((uint)user);
            _ = SetFileGroup((uint)group);
            // The kernel takes a process that did this for a setuid program, of which no dump may be made.
            _ = Control(SetDumpable, 1);
        }
    }

    private static readonly Lock UserGate = new();

    // struct passwd: name, password, user, group, description, home.
    private static (uint User, uint Group, string Home) ReadUser(nint entry) => (
        (uint)Marshal.ReadInt32(entry, 2 * nint.Size),
        (uint)Marshal.ReadInt32(entry, (2 * nint.Size) + sizeof(int)),
        Marshal.PtrToStringUTF8(Marshal.ReadIntPtr(entry, (2 * nint.Size) + (2 * sizeof(int)) + nint.Size)) ?? "/");

    private static void Check(int result, string what)
    {
        if (result != 0)
        {
            throw new IOException($"{what}: {LastError()}.");
        }
    }

    private static string LastError() => new Win32Exception(Marshal.GetLastPInvokeError()).Message;

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, out Statx64 status);

    [LibraryImport("libc", EntryPoint = "realpath", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ResolvePath(string path, nint buffer);

    [LibraryImport("libc", EntryPoint = "free")]
    private static partial void Free(nint memory);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Lchown(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static partial int Fchown(SafeFileHandle file, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Renameat2(int oneFolder, string one, int otherFolder, string other, uint flags);

    [LibraryImport("libc", EntryPoint = "getpwnam", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetUser(string name);

    [LibraryImport("libc", EntryPoint = "getpwuid")]
    private static partial nint GetUserById(uint user);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(SafeFileHandle file, int command, ref FileLock wanted);

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int SetFileUser(uint user);

    [LibraryImport("libc", EntryPoint = "setfsgid")]
    private static partial int SetFileGroup(uint group);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint value);

    /// <summary>struct flock of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FileLock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int Process;
    }

    /// <summary>struct statx, the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Statx64
    {
        [FieldOffset(20)]
        public uint User;
        [FieldOffset(24)]
        public uint Group;
        [FieldOffset(28)]
        public ushort Mode;
        [FieldOffset(32)]
        public ulong Inode;
        [FieldOffset(136)]
        public uint DeviceMajor;
        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
