using Stolon.Aspire;

namespace Aspire.Hosting;

/// <summary>How the members of a cluster run while the AppHost runs. When publishing they are always containers.</summary>
public enum StolonRunMode
{
    /// <summary>As processes where the <c>stolon</c> program and PostgreSQL are on this machine, otherwise as containers.</summary>
    Auto,

    /// <summary>As processes of this machine.</summary>
    Executables,

    /// <summary>As containers.</summary>
    Containers,
}

/// <summary>What has to be known of a cluster when it is added.</summary>
public sealed class StolonClusterOptions
{
    /// <summary>How members run. Default <see cref="StolonRunMode.Auto"/>.</summary>
    public StolonRunMode RunMode { get; set; }

    /// <summary>The <c>stolon</c> program, or its assembly (<c>stolon.dll</c>), which <c>dotnet</c> starts. Default null: the configuration's <c>Stolon:ExecutablePath</c>, or <c>stolon</c> on the PATH.</summary>
    public string? ExecutablePath { get; set; }

    /// <summary>The folder of PostgreSQL's programs. Default null: that of the chosen version, or the newest that is there.</summary>
    public string? PostgresBinPath { get; set; }

    /// <summary>The image of keepers, sentinels and proxies, which has PostgreSQL and <c>stolon</c>.</summary>
    public string Image { get; set; } = StolonContainerImageTags.Image;

    /// <summary>The image's tag. Default null: this version's, for the chosen version of PostgreSQL.</summary>
    public string? Tag { get; set; }

    /// <summary>The registry of the image.</summary>
    public string Registry { get; set; } = StolonContainerImageTags.Registry;

    /// <summary>A checkout of Stolon.NET to build the image from, with its <c>docker/Dockerfile</c>. Default null: the image is pulled.</summary>
    public string? DockerContext { get; set; }

    /// <summary>How many keepers there are at first. Default 2; 1 to 20.</summary>
    public int Keepers { get; set; } = 2;

    /// <summary>How many sentinels there are at first. Default 1; 1 to 20.</summary>
    public int Sentinels { get; set; } = 1;

    /// <summary>How many proxies there are at first. Default 1; 1 to 20.</summary>
    public int Proxies { get; set; } = 1;
}
