namespace Stolon.Integration.EndToEnd;

/// <summary>Whole clusters: one at a time, and not beside other tests, since they measure what a small machine can do.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ClusterCollection
{
    /// <summary>The collection's name.</summary>
    public const string Name = "clusters";
}
