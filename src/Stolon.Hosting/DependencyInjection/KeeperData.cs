using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Stolon.Cluster;

namespace Stolon.Hosting.DependencyInjection;

/// <summary>Whether keepers of this process hold data of a cluster already: a missing store file is an error then, not a fresh start (Q32).</summary>
internal static class KeeperData
{
    private const string StateFile = "keeperstate";

    /// <summary>Looks into the keepers' folders, so that a sentinel that starts before them knows too.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="services">Where the options are.</param>
    /// <returns>True if a keeper belonged to a cluster before.</returns>
    public static bool IsThere(ClusterRegistration cluster, IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptionsMonitor<KeeperOptions>>();
        return cluster.OptionsNames(RoleKind.Keeper).Any(name => BelongsToACluster(options.Get(name).DataDirectory));
    }

    private static bool BelongsToACluster(string folder)
    {
        try
        {
            return ClusterJson.ReadKeeperState(File.ReadAllBytes(Path.Combine(folder, StateFile))).ClusterUid.Length > 0;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ClusterDataException)
        {
            // Something is there that cannot be read: the keeper will say what; no new store is made meanwhile.
            return true;
        }
    }
}
