namespace Stolon.Hosting;

/// <summary>Settings of the embedded store: one file that all processes of a cluster on one machine share.</summary>
public sealed class EmbeddedStoreOptions
{
    /// <summary>The store file. Its folder also gets the passwords that nobody gave (0600).</summary>
    /// <value>Required. It must be on a local file system, the same path for all roles of the cluster.</value>
    public string Path { get; set; } = "";
}
