namespace Aspire.Hosting.ApplicationModel;

/// <summary>A process or container of a stolon cluster.</summary>
public interface IStolonMember : IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport, IComputeResource
{
    /// <summary>The cluster that it belongs to.</summary>
    StolonClusterResource Cluster { get; }

    /// <summary>What it does.</summary>
    StolonMemberRole Role { get; }

    /// <summary>Its number among its like, from 0 on.</summary>
    int Ordinal { get; }
}
