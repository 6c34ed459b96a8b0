using Stolon.Cluster;

namespace Stolon.Hosting.Keeper;

/// <summary>
/// The data directory of one keeper: locked for the life of this object (K3, Q43), with the files that say whose it is (K4).
/// </summary>
internal sealed class KeeperDirectory : IDisposable
{
    private KeeperDirectory(string path) => Path = path;

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    /// <summary>The content of <c>keeperstate</c>; null when there is none.</summary>
    public KeeperState? KeeperState => throw new NotSupportedException();

    /// <summary>The content of <c>dbstate</c>; null when there is none.</summary>
    public DbState? DbState => throw new NotSupportedException();

    /// <summary>Creates the directory if it is missing, refuses one that holds something else, locks it and reads its files.</summary>
    /// <param name="path">The keeper's data directory.</param>
    /// <param name="runAsUser">As in <see cref="Postgres.PostgresSettings.RunAsUser"/>.</param>
    /// <exception cref="KeeperDirectoryException">It is locked, not ours, or unreadable; the message names the remedy.</exception>
    public static KeeperDirectory Open(string path, string? runAsUser)
    {
        _ = runAsUser;
        return new KeeperDirectory(path);
    }

    /// <summary>Replaces <c>keeperstate</c>; <see cref="KeeperState"/> changes only after the file is safe.</summary>
    public void Write(KeeperState state) => throw new NotSupportedException();

    /// <summary>Replaces <c>dbstate</c>; <see cref="DbState"/> changes only after the file is safe.</summary>
    public void Write(DbState state) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
