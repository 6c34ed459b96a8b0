using System.Text;
using Aspire.Hosting;
using Stolon.Cluster;

namespace Stolon.Aspire.Topology;

/// <summary>What a cluster is asked to be, before anything runs.</summary>
internal sealed class ClusterShape
{
    /// <summary>The most members of one kind: more is a mistake, on one machine.</summary>
    public const int MostMembers = 20;

    private readonly Dictionary<string, string> pgParameters = new(StringComparer.Ordinal);
    private readonly List<Action<StolonClusterSpec>> changes = [];
    private (int Min, int Max)? synchronous;

    /// <summary>PostgreSQL's parameters.</summary>
    public IReadOnlyDictionary<string, string> PgParameters => pgParameters;

    /// <summary>Sets a parameter of PostgreSQL; the last one counts.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    public void SetParameter(string name, string value) => pgParameters[name] = value;

    /// <summary>Commits wait for standbys.</summary>
    /// <param name="min">Below so many writes block.</param>
    /// <param name="max">So many at most.</param>
    public void BeSynchronous(int min, int max)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(min);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(min, max);
        synchronous = (min, max);
    }

    /// <summary>Remembers a change of the specification.</summary>
    /// <param name="change">The change.</param>
    public void Change(Action<StolonClusterSpec> change) => changes.Add(change);

    /// <summary>The specification that the first sentinel makes the cluster from.</summary>
    /// <returns>The specification; what is unset gets the defaults of <c>stolon ctl init</c>.</returns>
    public ClusterSpec Specification()
    {
        var spec = new StolonClusterSpec();
        foreach (var change in changes)
        {
            change(spec);
        }

        return spec.ToSpecification() with
        {
            SynchronousReplication = synchronous is null ? null : true,
            MinSynchronousStandbys = synchronous?.Min,
            MaxSynchronousStandbys = synchronous?.Max,
            PgParameters = new ValueMap<string, string>(pgParameters),
        };
    }

    /// <summary>The specification as the sentinel's variable has it.</summary>
    /// <returns>JSON in one line.</returns>
    public string SpecificationJson() => Encoding.UTF8.GetString(ClusterJson.Write(Specification()));
}
