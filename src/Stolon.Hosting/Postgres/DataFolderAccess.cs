namespace Stolon.Hosting.Postgres;

// FileOwner.Find refuses to go on where there are no Unix modes.
#pragma warning disable CA1416

/// <summary>Makes a keeper's data directory, or finds out why PostgreSQL's user cannot use it.</summary>
internal static class DataFolderAccess
{
    private const UnixFileMode PassableFolder =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private const uint Root = 0;
    private const uint OthersMayWrite = 0b010;

    /// <summary>Creates the data directory, 0700, with its parents. An existing one must belong to the owner, or be lent to it by root.</summary>
    /// <exception cref="PostgresInstanceException">It belongs to someone else, or it cannot be made.</exception>
    public static DataFolder Prepare(string path, FileOwner owner)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        try
        {
            if (Libc.Status(root) is not { } status)
            {
                CreateParents(Path.GetDirectoryName(root)!);
                owner.CreateFolder(root);
            }
            else if (!status.IsDirectory)
            {
                throw new PostgresInstanceException($"The data directory {root} is no folder. Choose another one.");
            }
            else if (owner.IsOther && status.Owner == Libc.EffectiveUser && !Directory.EnumerateFileSystemEntries(root).Any())
            {
                // Root made it for us, as installers do.
                owner.Take(root);
            }
            else if (status.Owner != owner.User && !IsLent(root, status, owner))
            {
                throw new PostgresInstanceException(
                    $"The data directory {root} belongs to {Named(status.Owner)}, but PostgreSQL runs as {Named(owner.User)}. "
                    + $"Choose another directory, or: chown -R {owner.User} {root}");
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PostgresInstanceException($"The data directory {root} could not be made: {error.Message}", error);
        }

        return new DataFolder(Libc.RealPath(root) ?? root);
    }

    /// <summary>Creates the folders for the socket and the logs.</summary>
    /// <exception cref="PostgresInstanceException">The short folder for the socket belongs to someone else.</exception>
    public static void PrepareInside(DataFolder folder, int port, FileOwner owner)
    {
        owner.CreateFolder(folder.Run);
        owner.CreateFolder(folder.Log);
        var socket = folder.SocketFolder(port);
        owner.CreateFolder(socket);
        if (Libc.Status(socket, follow: false) is not { IsDirectory: true } status || status.Owner != owner.User)
        {
            throw new PostgresInstanceException(
                $"The folder {socket}, which the socket needs because {folder.Root} is too long for one, is not {owner.Name}'s: "
                + "remove it, or choose a shorter data directory.");
        }
    }

    /// <summary>Checks that the owner may pass every folder above, which PostgreSQL itself would only call "Permission denied".</summary>
    /// <exception cref="PostgresInstanceException">Names the folder and the command that helps.</exception>
    public static async Task CheckParentsAsync(string root, FileOwner owner, CancellationToken cancellationToken)
    {
        if (!owner.IsOther)
        {
            return;
        }

        var parents = new List<string>();
        for (var folder = root; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            parents.Insert(0, folder);
        }

        // Asked as that user: modes, groups and access lists are the kernel's business.
        string[] script = ["-c", "for folder; do [ -x \"$folder\" ] || { echo \"$folder\"; exit 1; }; done", "sh", .. parents];
        var result = await PostgresProgram.RunAsync(owner, "/", "/bin/sh", script, null, null, cancellationToken)
            .ConfigureAwait(false);
        var blocked = result.Output.Trim();
        if (blocked.Length > 0)
        {
            throw new PostgresInstanceException(
                $"PostgreSQL runs as {owner.Name}, which may not pass the folder {blocked} (it lacks the execute permission there), "
                + $"so it cannot reach {root}. Choose another data directory, or: chmod o+x {blocked}");
        }
    }

    /// <summary>Root's, and the owner's group may write in it, but not everybody: so are the volumes of Kubernetes (<c>fsGroup</c>).</summary>
    private static bool IsLent(string root, FileStatus status, FileOwner owner)
    {
        if (owner.IsOther || status.Owner != Root || (status.Mode & OthersMayWrite) != 0)
        {
            return false;
        }

        // Modes, groups and access lists are the kernel's business.
        var trial = Path.Combine(root, $".trial.{Guid.NewGuid():N}.tmp");
        try
        {
            owner.Create(trial, []);
            File.Delete(trial);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>With the number: the folder of a container's volume is given to its user from outside, where the name may mean another one.</summary>
    private static string Named(uint user) => Libc.UserName(user) is var name && name == $"{user}" ? $"user {user}" : $"{name} (user {user})";

    private static void CreateParents(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        CreateParents(Path.GetDirectoryName(folder)!);
        Directory.CreateDirectory(folder);
        // Whatever the mask says: PostgreSQL's user must pass.
        File.SetUnixFileMode(folder, PassableFolder);
    }
}
