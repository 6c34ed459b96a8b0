using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Cli.Ctl;

/// <summary>Specifications that somebody wrote.</summary>
internal static class SpecText
{
    /// <summary>Reads one.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <returns>The specification; its mistakes are found later.</returns>
    /// <exception cref="CommandException">It is no specification.</exception>
    public static ClusterSpec Read(byte[] json)
    {
        try
        {
            return ClusterSpecJson.ReadGiven(json);
        }
        catch (ClusterDataException exception)
        {
            throw new CommandException($"the cluster specification is refused: {exception.Message}", exception);
        }
    }

    /// <summary>Says what is unwise in a specification that was accepted.</summary>
    /// <param name="spec">The specification.</param>
    public static void Warn(ClusterSpec spec)
    {
        foreach (var warning in spec.Warnings().Concat(Parameters.Unused(spec)))
        {
            Console.Error.WriteLine($"stolon: warning: {warning}");
        }
    }
}
