using System.CommandLine;
using Stolon.Cli.Output;
using Stolon.Planning;

namespace Stolon.Cli.Ctl;

/// <summary><c>ctl plan</c>: one pass of the planner, written nowhere.</summary>
internal static class PlanCommand
{
    private static readonly Option<string?> FileFlag =
        GivenText.FileFlag("The data to plan on: {\"clusterData\": …, \"keeperInfos\": […], \"proxyInfos\": […], \"now\": \"…\"}");

    /// <summary>Makes the command.</summary>
    /// <param name="context">What the commands share.</param>
    /// <returns>The command.</returns>
    public static Command Create(CtlContext context)
    {
        var command = new Command("plan", "Shows what the planner would do, on the live data or on a file. Nothing is written.") { FileFlag };
        command.SetAction((parsed, token) => parsed.GetValue(FileFlag) is { } file ? RunAsync(file, token) : RunAsync(context, parsed));
        return command;
    }

    private static async Task<int> RunAsync(string file, CancellationToken cancellationToken)
    {
        var given = await GivenText.ReadAsync(file, inline: null, cancellationToken).ConfigureAwait(false);
        Json.Print(WhatIfJson.Write(WhatIf.Ask(WhatIfJson.Read(given))));
        return 0;
    }

    private static Task<int> RunAsync(CtlContext context, ParseResult parsed) => context.RunAsync(parsed, async (session, token) =>
        Json.Print(WhatIfJson.Write(WhatIf.Ask(await LiveQuestion.ReadAsync(session, token).ConfigureAwait(false)))));
}
