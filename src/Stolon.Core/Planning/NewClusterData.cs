using Stolon.Cluster;
using Stolon.Observation;

namespace Stolon.Planning;

/// <summary>The first document of a cluster.</summary>
public static class NewClusterData
{
    /// <summary>A document in which nothing exists yet (L3, A1).</summary>
    /// <param name="spec">The specification; valid.</param>
    /// <param name="clusterUid">A new uid: eight hex digits.</param>
    /// <param name="now">The present.</param>
    /// <returns>The document, in phase initializing.</returns>
    public static ClusterData Initial(ClusterSpec spec, string clusterUid, PassTime now)
    {
        var time = Timestamp.From(now.Wall);
        return new ClusterData
        {
            ChangeTime = time,
            Revision = 1,
            Cluster = new ClusterRecord
            {
                Uid = clusterUid,
                ChangeTime = time,
                Spec = spec,
                Status = new ClusterStatus { Phase = ClusterPhase.Initializing },
            },
        };
    }
}
