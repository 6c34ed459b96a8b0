using Microsoft.Extensions.Configuration;

namespace Stolon.Hosting.DependencyInjection;

/// <summary>Where the settings of a cluster stand in a configuration: <c>Stolon:orders:Keeper:Port</c>.</summary>
internal static class ConfigurationSections
{
    /// <summary>The key of the store in a cluster's section.</summary>
    public const string Store = "Store";

    /// <summary>The keys of a cluster's section that have sections of their own.</summary>
    public static readonly string[] Parts = [Store, .. Enum.GetNames<RoleKind>()];

    private const string Root = "Stolon";

    /// <summary>The section of a cluster.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="cluster">The cluster's name.</param>
    /// <returns>The section; it may be empty.</returns>
    public static IConfigurationSection Cluster(IConfiguration configuration, string cluster) =>
        configuration.GetSection(ConfigurationPath.Combine(Root, cluster));

    /// <summary>Finds misspelt settings: a key that no option has would silently leave a default in place.</summary>
    /// <param name="section">The section of one options class.</param>
    /// <param name="options">The class.</param>
    /// <param name="also">Further keys that are known.</param>
    /// <returns>One sentence each.</returns>
    public static IEnumerable<string> FindUnknown(IConfigurationSection section, Type options, params string[] also)
    {
        string[] known = [.. also, .. options.GetProperties().Select(property => property.Name)];
        return section.GetChildren()
            .Where(child => !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            .Select(child => $"{child.Key}: there is no such setting; there are {string.Join(", ", known)}.");
    }
}
