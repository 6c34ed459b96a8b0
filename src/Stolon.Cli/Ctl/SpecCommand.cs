using System.CommandLine;
using Stolon.Cli.Output;
using Stolon.Cluster;

namespace Stolon.Cli.Ctl;

/// <summary><c>ctl spec</c> (A5).</summary>
internal static class SpecCommand
{
    private static readonly Option<bool> Defaults = new("--defaults") { Description = "Also what is not set, with what that means." };

    /// <summary>Makes the command.</summary>
    /// <param name="context">What the commands share.</param>
    /// <returns>The command.</returns>
    public static Command Create(CtlContext context)
    {
        var command = new Command("spec", "Shows the cluster specification.") { Defaults };
        command.SetAction((parsed, _) => context.RunAsync(parsed, async (session, token) =>
        {
            var spec = (await session.ReadAsync(token).ConfigureAwait(false)).Data.Cluster.Spec;
            Json.Print(ClusterJson.Write(parsed.GetValue(Defaults) ? spec.WithDefaults() : spec, indented: true));
        }));
        return command;
    }
}
