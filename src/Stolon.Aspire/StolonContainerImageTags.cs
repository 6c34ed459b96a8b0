namespace Stolon.Aspire;

internal static class StolonContainerImageTags
{
    public const string Registry = "ghcr.io";
    public const string Image = "stolon-net/stolon";

    /// <summary>The version of these packages.</summary>
    public const string Version = "0.1.0";

    /// <summary>PostgreSQL's major version where none is chosen.</summary>
    public const int Postgres = 17;

    public const string EtcdRegistry = "quay.io";
    public const string EtcdImage = "coreos/etcd";
    public const string EtcdTag = "v3.6.5";

    /// <summary>The tag for a major version of PostgreSQL.</summary>
    public static string Tag(int postgres) => $"{Version}-pg{postgres}";
}
