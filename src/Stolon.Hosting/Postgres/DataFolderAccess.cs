namespace Stolon.Hosting.Postgres;

// FileOwner.Find refuses to go on where there are no Unix modes.
#pragma warning disable CA1416

/// <summary>Makes a keeper's data directory, or finds out why PostgreSQL's user cannot use it.</summary>
internal static class DataFolderAccess
{
    private const UnixFileMode PassableFolder =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Creates the data directory, 0700, with its parents. An existing one must belong to the owner.</summary>
    /// <exception cref="PostgresInstanceException">It belongs to someone else, or it cannot be made.</exception>
    public static void Prepare(string root, FileOwner owner)
    {
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
            else if (status.Owner != owner.User)
            {
                throw new PostgresInstanceException(
                    $"The data directory {root} belongs to {Libc.UserName(status.Owner)}, but PostgreSQL runs as {owner.Name}. "
                    + $"Choose another directory, or: chown -R {owner.Name} {root}");
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PostgresInstanceException($"The data directory {root} could not be made: {error.Message}", error);
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
