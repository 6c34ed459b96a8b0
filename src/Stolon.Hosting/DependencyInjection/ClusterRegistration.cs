using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Stolon.Storage;

namespace Stolon.Hosting.DependencyInjection;

/// <summary>The roles in the order in which they stop: clients are cut off first, PostgreSQL ends last.</summary>
internal enum RoleKind
{
    /// <summary>A proxy.</summary>
    Proxy,

    /// <summary>A sentinel.</summary>
    Sentinel,

    /// <summary>A keeper.</summary>
    Keeper,
}

/// <summary>One role that this process has in a cluster.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Label">What error messages about its options begin with.</param>
/// <param name="Create">Makes the service. Its options were checked before.</param>
/// <param name="FindMistakes">What is wrong with its options, one sentence each, without the label.</param>
/// <param name="ListensOn">Where it will listen; null = nowhere.</param>
internal sealed record RoleRegistration(
    RoleKind Kind,
    string Label,
    Func<IServiceProvider, IHostedService> Create,
    Func<IServiceProvider, IEnumerable<string>> FindMistakes,
    Func<IServiceProvider, ListenPoint?> ListensOn);

/// <summary>An address and port that a role listens on.</summary>
/// <param name="Address">As it was given: an address, a name, a list or a wildcard.</param>
/// <param name="Port">The port; 0 = any free one.</param>
internal sealed record ListenPoint(string Address, int Port)
{
    /// <summary>Whether only one of the two can be had.</summary>
    /// <param name="other">The other.</param>
    /// <returns>True if so.</returns>
    public bool Excludes(ListenPoint other) =>
        Port != 0 && Port == other.Port
        && (Name == other.Name || KeeperOptionsRules.IsWildcardOrList(Name) || KeeperOptionsRules.IsWildcardOrList(other.Name));

    private string Name => Address == "localhost" ? "127.0.0.1" : Address;
}

/// <summary>The store of a cluster.</summary>
/// <param name="Create">Makes it. Its options were checked before.</param>
/// <param name="FindMistakes">What is wrong with its options.</param>
/// <param name="PasswordFolder">Where passwords that nobody gave are generated; null = they must be given.</param>
/// <param name="IsOnThisMachine">All roles run on this machine, so loopback addresses are right.</param>
internal sealed record StoreRegistration(
    Func<IServiceProvider, IClusterStore> Create,
    Func<IServiceProvider, IEnumerable<string>> FindMistakes,
    Func<IServiceProvider, string?> PasswordFolder,
    bool IsOnThisMachine);

/// <summary>What this process does for one cluster, as far as it was registered.</summary>
/// <param name="name">The cluster's name.</param>
internal sealed class ClusterRegistration(string name)
{
    /// <summary>The cluster's name.</summary>
    public string Name { get; } = name;

    /// <summary>The store; null until one was chosen.</summary>
    public StoreRegistration? Store { get; set; }

    /// <summary>The cluster's section of the configuration; null = registered by code alone.</summary>
    public IConfigurationSection? Section { get; set; }

    /// <summary>The roles in the order of their registration.</summary>
    public List<RoleRegistration> Roles { get; } = [];

    /// <summary>The registration that a builder works on.</summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The registration.</returns>
    public static ClusterRegistration Of(IStolonBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return Find(builder.Services, builder.ClusterName)
            ?? throw new ArgumentException("The builder was not made by AddStolon.", nameof(builder));
    }

    /// <summary>The registration of a cluster.</summary>
    /// <param name="services">Where it was registered.</param>
    /// <param name="name">The cluster's name.</param>
    /// <returns>The registration, or null.</returns>
    public static ClusterRegistration? Find(IServiceCollection services, string name) =>
        services
            .Where(service => service.IsKeyedService && service.ServiceType == typeof(ClusterRegistration))
            .FirstOrDefault(service => name.Equals(service.ServiceKey))?
            .KeyedImplementationInstance as ClusterRegistration;

    /// <summary>The names of the options of the roles of a kind: the cluster's name, then with an ordinal.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>For example <c>orders</c>, <c>orders#2</c>.</returns>
    public IEnumerable<string> OptionsNames(RoleKind kind) =>
        Enumerable.Range(1, Roles.Count(role => role.Kind == kind)).Select(OptionsName);

    /// <summary>The name of the options of the next role of a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>For example <c>orders#3</c>.</returns>
    public string NextOptionsName(RoleKind kind) => OptionsName(Roles.Count(role => role.Kind == kind) + 1);

    private string OptionsName(int ordinal) => ordinal == 1 ? Name : $"{Name}#{ordinal}";
}
