using Aspire.Hosting;
using Stolon.Aspire.Programs;
using Stolon.Aspire.Running;

namespace Stolon.Aspire.Topology;

/// <summary>Where the data of keepers and etcd is.</summary>
/// <param name="Volume">The name of the volume; null = one is generated. Of a folder: not used.</param>
/// <param name="Folder">A folder of this machine; null = a volume.</param>
internal sealed record DataPlace(string? Volume, string? Folder);

/// <summary>How the members of one cluster run.</summary>
internal sealed class ClusterPlan
{
    private readonly StolonClusterOptions options;
    private readonly LocalData local;
    private readonly Lazy<PassingFolder> passing;

    private ClusterPlan(StolonClusterOptions options, LocalData local, string? stolon, string? etcd)
    {
        (this.options, this.local, StolonProgram, EtcdProgram) = (options, local, stolon, etcd);
        passing = new(() => PassingFolder.Create(LocalData.Passing(Environment.IsPrivilegedProcess), $"stolon-{local.Name}-"));
    }

    /// <summary>Members are containers.</summary>
    public bool InContainers => StolonProgram is null;

    /// <summary>The <c>stolon</c> program; null = members are containers.</summary>
    public string? StolonProgram { get; }

    /// <summary>What is started, and what stands before the verb: a program that is an assembly is started by <c>dotnet</c>.</summary>
    public (string Command, string[] Arguments) Start =>
        StolonProgram!.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? ("dotnet", [StolonProgram]) : (StolonProgram, []);

    /// <summary>The <c>etcd</c> program; null = the store is a file, or members are containers.</summary>
    public string? EtcdProgram { get; }

    /// <summary>The major version of PostgreSQL that was chosen; null = none was.</summary>
    public int? PostgresMajor { get; set; }

    /// <summary>Where data lasts; null = it ends with the AppHost. What is published has volumes in any case.</summary>
    public DataPlace? Data { get; set; }

    /// <summary>The options.</summary>
    public StolonClusterOptions Options => options;

    /// <summary>The tag of the image.</summary>
    public string Tag => options.Tag ?? StolonContainerImageTags.Tag(PostgresMajor ?? StolonContainerImageTags.Postgres);

    /// <summary>Where PostgreSQL's programs are; null = the keeper finds them itself.</summary>
    public string? PostgresBinPath => options.PostgresBinPath ?? PostgresSearch.Find(PostgresMajor, File.Exists);

    /// <summary>The folder of everything that processes keep. All of it lasts, or nothing does: keepers serve only the cluster that the store knows.</summary>
    public string Folder => Data switch
    {
        null => passing.Value.Path,
        { Folder: { } folder } => folder,
        _ => local.Lasting(Environment.IsPrivilegedProcess),
    };

    /// <summary>The folder that ends with the AppHost; null = there is none.</summary>
    public PassingFolder? PassingFolder => passing.IsValueCreated ? passing.Value : null;

    /// <summary>Decides how members run.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="configured">The program that the configuration names.</param>
    /// <param name="isPublishing">Nothing runs here.</param>
    /// <param name="local">Where processes keep data.</param>
    /// <param name="search">Finds programs.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="DistributedApplicationException">Processes were asked for, and the program is not there.</exception>
    public static ClusterPlan Make(StolonClusterOptions options, string? configured, bool isPublishing, LocalData local, ProgramSearch search)
    {
        var stolon = options.ExecutablePath ?? configured ?? search.Find("stolon");
        var hasPostgres = options.PostgresBinPath is not null || search.Find("postgres") is not null || PostgresSearch.Find(null, File.Exists) is not null;
        var asProcesses = !isPublishing && options.RunMode switch
        {
            StolonRunMode.Executables => true,
            StolonRunMode.Containers => false,
            _ => stolon is not null && hasPostgres,
        };
        if (asProcesses && stolon is null)
        {
            throw new DistributedApplicationException(
                $"The stolon program of cluster '{local.Cluster}' was not found on the PATH: make it with scripts/publish.sh of a checkout of Stolon.NET, or name it with "
                + "StolonClusterOptions.ExecutablePath or the configuration value Stolon:ExecutablePath.");
        }

        return new ClusterPlan(options, local, asProcesses ? stolon : null, asProcesses ? search.Find("etcd") : null)
        {
            // What was deployed keeps its data when its containers are made anew.
            Data = isPublishing ? new DataPlace(Volume: null, Folder: null) : null,
        };
    }
}
