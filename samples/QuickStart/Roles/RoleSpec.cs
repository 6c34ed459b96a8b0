using System.Globalization;

namespace QuickStart.Roles;

/// <summary>What one part of the cluster does.</summary>
internal enum RoleKind
{
    /// <summary>Sends clients to the primary.</summary>
    Proxy,

    /// <summary>Decides.</summary>
    Sentinel,

    /// <summary>Drives one PostgreSQL.</summary>
    Keeper,
}

/// <summary>One part of the cluster, in this process or in one of its own.</summary>
internal sealed record RoleSpec
{
    /// <summary>What it does.</summary>
    public required RoleKind Kind { get; init; }

    /// <summary>Its name, for example <c>keeper1</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Where it, or its PostgreSQL, listens; 0 = it does not.</summary>
    public int Port { get; init; }

    /// <summary>For a sentinel: a new cluster replicates synchronously.</summary>
    public bool Synchronous { get; init; }

    /// <summary>For a sentinel: a JSON file with the specification of a new cluster, for tests.</summary>
    public string? SpecFile { get; init; }

    /// <summary>All parts of one cluster. The proxy gets the first port.</summary>
    /// <param name="settings">What was asked for.</param>
    /// <returns>The parts.</returns>
    public static IReadOnlyList<RoleSpec> All(Settings settings)
    {
        var ports = Ports.FirstFree(1 + settings.Keepers);
        var keepers = Enumerable.Range(1, settings.Keepers)
            .Select(number => new RoleSpec { Kind = RoleKind.Keeper, Name = $"keeper{number}", Port = ports[number] });
        return
        [
            .. keepers,
            new RoleSpec { Kind = RoleKind.Sentinel, Name = "sentinel", Synchronous = settings.Synchronous },
            new RoleSpec { Kind = RoleKind.Proxy, Name = "proxy", Port = ports[0] },
        ];
    }

    /// <summary>The arguments that make a child process play this part. No secret is in them.</summary>
    /// <param name="folder">Where everything is kept.</param>
    /// <returns>The arguments.</returns>
    public IEnumerable<string> Arguments(DataFolder folder)
    {
        var kind = Kind switch { RoleKind.Proxy => "proxy", RoleKind.Sentinel => "sentinel", _ => "keeper" };
        string[] arguments = ["--role", kind, "--name", Name, "--port", Port.ToString(CultureInfo.InvariantCulture), "--data", folder.Path];
        return [.. arguments, .. Synchronous ? ["--sync"] : Array.Empty<string>(), .. SpecFile is null ? [] : new[] { "--spec", SpecFile }];
    }
}
