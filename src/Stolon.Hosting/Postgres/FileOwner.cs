using System.Text;
using System.Text.RegularExpressions;

namespace Stolon.Hosting.Postgres;

// FileOwner.Find refuses to go on where there are no Unix modes.
#pragma warning disable CA1416

/// <summary>
/// As whom PostgreSQL runs, and to whom its files belong. When this process is root it is another user, since PostgreSQL refuses root.
/// </summary>
/// <param name="Name">The user's name.</param>
/// <param name="IsOther">Another user than this process's own: programs are started as it, files are given to it.</param>
/// <param name="User">Its id.</param>
/// <param name="Group">Its group's id.</param>
/// <param name="Home">Its home, where PostgreSQL's programs look for certificates; null = as this process has it.</param>
internal sealed partial record FileOwner(string Name, bool IsOther, uint User, uint Group, string? Home)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>What programs of this user get of the environment beside the usual: see <see cref="KeeperOptions.PassEnvironment"/>.</summary>
    public IReadOnlyCollection<string> PassEnvironment { get; init; } = [];

    /// <summary>Finds out as whom PostgreSQL runs.</summary>
    /// <param name="runAsUser">The option; null = the default.</param>
    /// <exception cref="PostgresInstanceException">There is no such user, or this process may not act for it.</exception>
    public static FileOwner Find(string? runAsUser)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Running PostgreSQL needs Linux: the guard that fences it reads /proc.");
        }

        var self = Libc.EffectiveUser;
        if (self != 0)
        {
            var name = Libc.UserName(self);
            return runAsUser is null || runAsUser == name
                ? new FileOwner(name, false, self, 0, null)
                : throw new PostgresInstanceException(
                    $"PostgreSQL shall run as {runAsUser}, but this process is {name}: only root can run it as another user. "
                    + $"Start as {runAsUser} or as root, or leave the option RunAsUser out.");
        }

        var wanted = runAsUser ?? "postgres";
        return Libc.FindUser(wanted) switch
        {
            null => throw new PostgresInstanceException(
                $"There is no user {wanted}. PostgreSQL refuses to run as root: create the user or set the option RunAsUser."),
            { User: 0 } => throw new PostgresInstanceException(
                $"PostgreSQL refuses to run as root, and {wanted} is root: set the option RunAsUser to an unprivileged user."),
            { } user => new FileOwner(wanted, true, user.User, user.Group, user.Home),
        };
    }

    /// <summary>Creates a folder that only the owner can look into; nothing when it is there.</summary>
    public void CreateFolder(string path)
    {
        if (Libc.Status(path, follow: false) is { IsDirectory: true })
        {
            return;
        }

        Directory.CreateDirectory(path, OwnerFolder);
        Take(path);
    }

    /// <summary>
    /// Lets this thread do to files only what the owner may, until the disposal and not across an await: root must not follow a link that
    /// the owner put where root reads, writes or deletes.
    /// </summary>
    public Libc.FileUser Assume() => Libc.ActAs(User, Group);

    /// <summary>Gives a file or folder to the owner.</summary>
    public void Take(string path)
    {
        if (IsOther)
        {
            Libc.ChangeOwner(path, User, Group);
        }
    }

    /// <summary>Replaces a file in one step that survives a power cut; only the owner can read it.</summary>
    public void Replace(string path, string content) => Replace(path, Encoding.UTF8.GetBytes(content));

    /// <inheritdoc cref="Replace(string, string)"/>
    public void Replace(string path, ReadOnlySpan<byte> content)
    {
        // A new name that is never followed: root writes here into a folder of somebody else.
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Create(temporary, content);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        Libc.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Removes what a process that was killed while it replaced a file has left in a folder.</summary>
    public void RemoveLeftovers(string folder)
    {
        using var rights = Assume();
        foreach (var file in Directory.Exists(folder) ? Directory.GetFiles(folder, "*.tmp").Where(name => Draft().IsMatch(name)) : [])
        {
            File.Delete(file);
        }
    }

    /// <summary>Creates a file that only the owner can read.</summary>
    public void Create(string path, ReadOnlySpan<byte> content)
    {
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
            BufferSize = 0,
        });
        if (IsOther)
        {
            Libc.ChangeOwner(file.SafeFileHandle, User, Group);
        }

        file.Write(content);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Replaces whatever has this name by a link, in one step.</summary>
    public void Link(string path, string target)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        File.CreateSymbolicLink(temporary, target);
        Take(temporary);
        File.Move(temporary, path, overwrite: true);
    }

    [GeneratedRegex(@"\.[0-9a-f]{32}\.tmp$", RegexOptions.NonBacktracking)]
    private static partial Regex Draft();
}
