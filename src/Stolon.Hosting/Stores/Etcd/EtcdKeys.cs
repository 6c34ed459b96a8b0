using Google.Protobuf;
using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>Where everything of one cluster stands in etcd: stolon's own layout (ST1), and the history.</summary>
/// <param name="prefix">What all clusters' keys begin with.</param>
/// <param name="clusterName">The cluster.</param>
internal sealed class EtcdKeys(string prefix, string clusterName)
{
    private readonly string root = $"{Clean(prefix)}/{clusterName}/";

    /// <summary>Everything of this cluster.</summary>
    public string Root => root;

    /// <summary>The document.</summary>
    public string ClusterData => root + "clusterdata";

    /// <summary>The last decisions; ours.</summary>
    public string History => root + "history";

    /// <summary>The candidates' keys.</summary>
    public string Leaders => root + "sentinel-leader/";

    /// <summary>The key of a candidate.</summary>
    /// <param name="lease">Its lease.</param>
    /// <returns>The key.</returns>
    public string Leader(long lease) => $"{Leaders}{lease:x}";

    /// <summary>The reports of a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>What their keys begin with.</returns>
    public string Reports(ReportKind kind) => root + kind switch
    {
        ReportKind.Keeper => "keepers/info/",
        ReportKind.Proxy => "proxies/info/",
        ReportKind.Question => "questions/",
        _ => "sentinels/info/",
    };

    /// <summary>What a changed key means.</summary>
    /// <param name="key">The key.</param>
    /// <returns>What to look at; nothing for the history, which comes with the document.</returns>
    public StoreChange ChangeOf(string key) => key switch
    {
        _ when key == ClusterData => StoreChange.ClusterData,
        _ when key.StartsWith(Leaders, StringComparison.Ordinal) => ChangeHub.Leader,
        _ when KindOf(key) is { } kind => kind.Change(),
        _ => StoreChange.None,
    };

    private ReportKind? KindOf(string key) =>
        Enum.GetValues<ReportKind>().Where(kind => key.StartsWith(Reports(kind), StringComparison.Ordinal)).Select(kind => (ReportKind?)kind).FirstOrDefault();

    /// <summary>A prefix as stolon reads it, which joins it like a path: a slash in front stays, one at the end and a second one do not.</summary>
    /// <param name="prefix">As it was given.</param>
    /// <returns>The prefix that keys begin with.</returns>
    public static string Clean(string prefix)
    {
        var parts = prefix.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".");
        return (prefix.StartsWith('/') ? "/" : "") + string.Join('/', parts);
    }

    /// <summary>The first key that does not begin with a text any more.</summary>
    /// <param name="start">The text.</param>
    /// <returns>The end of the range.</returns>
    public static ByteString EndOf(string start)
    {
        var end = System.Text.Encoding.UTF8.GetBytes(start);
        end[^1]++;
        return ByteString.CopyFrom(end);
    }
}
