using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Stolon.Aspire.Topology;

/// <summary>How members are called, in the dashboard and in the cluster.</summary>
internal static class MemberNames
{
    /// <summary>The resource's name.</summary>
    /// <param name="cluster">The cluster's.</param>
    /// <param name="role">What it does.</param>
    /// <param name="ordinal">Its number among its like, from 0 on.</param>
    /// <returns>For example <c>pg-keeper0</c>.</returns>
    public static string Resource(string cluster, StolonMemberRole role, int ordinal) =>
        string.Create(CultureInfo.InvariantCulture, $"{cluster}-{Word(role)}{ordinal}");

    /// <summary>What the cluster document calls a keeper.</summary>
    /// <param name="ordinal">Its number, from 0 on.</param>
    /// <returns>For example <c>keeper0</c>: uids have no hyphens.</returns>
    public static string KeeperUid(int ordinal) => string.Create(CultureInfo.InvariantCulture, $"keeper{ordinal}");

    /// <summary>The verb of the command, and the word in names.</summary>
    /// <param name="role">The role.</param>
    /// <returns>The word.</returns>
    public static string Word(StolonMemberRole role) => role switch
    {
        StolonMemberRole.Store => "etcd",
        StolonMemberRole.Keeper => "keeper",
        StolonMemberRole.Sentinel => "sentinel",
        _ => "proxy",
    };

    /// <summary>The variable that stands for a flag of the command.</summary>
    /// <param name="role">The role; not the store.</param>
    /// <param name="flag">The flag without hyphens in front, for example <c>pg-port</c>.</param>
    /// <returns>For example <c>STKEEPER_PG_PORT</c>.</returns>
    public static string Variable(StolonMemberRole role, string flag) =>
        $"ST{Word(role)}_{flag}".Replace('-', '_').ToUpperInvariant();
}
