using System.Security.Cryptography;
using System.Text;

namespace Stolon.Aspire.Running;

/// <summary>Where the data of members is that run as processes of this machine.</summary>
/// <param name="AppHostDirectory">The AppHost's folder: two AppHosts share nothing.</param>
/// <param name="Cluster">The cluster's name.</param>
internal sealed record LocalData(string AppHostDirectory, string Cluster)
{
    private const int NameLength = 12;
    private const string ForRoot = "/var/lib/stolon";

    /// <summary>
    /// The folder of everything that this cluster keeps from run to run. PostgreSQL's user has to come through to it: below a home directory nobody
    /// else may, so a privileged AppHost keeps it elsewhere.
    /// </summary>
    /// <param name="isPrivileged">Whether the AppHost runs as root, and PostgreSQL as another user.</param>
    /// <returns>The folder; it is not created.</returns>
    public string Lasting(bool isPrivileged) => Path.Combine(
        isPrivileged ? ForRoot : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "stolon"),
        Name);

    /// <summary>Where folders are made of what ends with the AppHost. One that is root shares no folder with others, who could put links there; nor do data that last and data that pass.</summary>
    /// <param name="isPrivileged">Whether the AppHost runs as root.</param>
    /// <returns>The folder.</returns>
    public static string Passing(bool isPrivileged) => isPrivileged ? Path.Combine(ForRoot, "passing") : Path.GetTempPath();

    /// <summary>The cluster and its AppHost in a name that is short enough for a path.</summary>
    public string Name => $"{Cluster}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(AppHostDirectory))))[..NameLength]}";
}
