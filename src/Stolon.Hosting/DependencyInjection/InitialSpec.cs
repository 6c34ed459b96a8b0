using System.Collections.Immutable;
using Stolon.Cluster;
using Stolon.Hosting.Administration;

namespace Stolon.Hosting.DependencyInjection;

/// <summary>The specification that a sentinel makes a cluster from when there is none (L3).</summary>
/// <param name="Spec">The specification, completed; null = wait for somebody else to make one, or there are mistakes.</param>
/// <param name="Mistakes">What is wrong with it, one sentence each, beginning with the option's name.</param>
internal sealed record InitialSpec(ClusterSpec? Spec, ImmutableArray<string> Mistakes)
{
    /// <summary>Reads it from the options of a sentinel.</summary>
    /// <param name="options">The options.</param>
    /// <returns>The specification or its mistakes.</returns>
    public static InitialSpec Read(SentinelOptions options)
    {
        var isFile = options.InitialClusterSpecFile is not null;
        if (isFile && options.InitialClusterSpec is not null)
        {
            return Wrong("InitialClusterSpecFile: given together with InitialClusterSpec; give one of the two.");
        }

        if (!options.CreatesCluster)
        {
            return new InitialSpec(null, []);
        }

        try
        {
            var given = isFile
                ? SpecChange.Read(File.ReadAllText(options.InitialClusterSpecFile!))
                : options.InitialClusterSpec ?? new ClusterSpec { InitMode = InitMode.New };
            var spec = given.WithFastDefaults();
            SpecChange.Refuse(spec.ValidateForInit(), canBeForced: false);
            return new InitialSpec(spec, []);
        }
        catch (InvalidSpecException exception)
        {
            var source = isFile ? $"InitialClusterSpecFile: {options.InitialClusterSpecFile}" : "InitialClusterSpec";
            return Wrong([.. exception.Mistakes.Select(mistake => $"{source}: {mistake}")]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Wrong($"InitialClusterSpecFile: {options.InitialClusterSpecFile} cannot be read: {exception.Message}");
        }
    }

    private static InitialSpec Wrong(params ImmutableArray<string> mistakes) => new(null, mistakes);
}
