using Microsoft.Extensions.DependencyInjection;

namespace Stolon.Hosting;

/// <summary>One cluster's part in this process: stores and roles are verbs on it.</summary>
public interface IStolonBuilder
{
    /// <summary>The cluster's name. Its services are keyed by it.</summary>
    string ClusterName { get; }

    /// <summary>Where the services go.</summary>
    IServiceCollection Services { get; }
}
