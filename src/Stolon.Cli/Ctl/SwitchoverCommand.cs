using System.CommandLine;
using Stolon.Cli.Options;
using Stolon.Cluster;
using Stolon.Hosting.Administration;

namespace Stolon.Cli.Ctl;

/// <summary><c>ctl switchover</c> (ours; stolon has none).</summary>
internal static class SwitchoverCommand
{
    /// <summary>Longer than it is ever waited for a switchover that has begun.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private static readonly Option<string?> To = Flag.Text("--to", "The keeper that shall take over (default: the most advanced one that may).", "UID");

    private static readonly Option<int?> Timeout = Flag.Number(
        "--timeout", "Seconds until it must have begun to close clients out; the checkpoint before that is a part of it (default 30).", 1, 3600);

    /// <summary>Makes the command.</summary>
    /// <param name="context">What the commands share.</param>
    /// <returns>The command.</returns>
    public static Command Create(CtlContext context)
    {
        var command = new Command("switchover", "Makes another instance the primary in a planned way: no acknowledged row is lost, and new clients wait.") { To, Timeout };
        command.SetAction((parsed, _) => RunAsync(context, parsed));
        return command;
    }

    private static async Task<int> RunAsync(CtlContext context, ParseResult parsed)
    {
        var options = new SwitchoverOptions
        {
            To = parsed.GetValue(To) is { } uid ? new KeeperId(uid) : null,
            Limit = parsed.GetValue(Timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : Switchover.DefaultLimit,
            Progress = Console.Out.WriteLine,
        };
        SwitchoverResult? result = null;
        await context.ChangeAsync(
            parsed,
            async (session, token) => result = await session.Administration.SwitchoverAsync(options, token).ConfigureAwait(false),
            besides: options.Limit + Patience).ConfigureAwait(false);
        if (result is { Outcome: SwitchoverOutcome.Finished })
        {
            await Console.Out.WriteLineAsync(result.Text).ConfigureAwait(false);
            return 0;
        }

        throw new CommandException(result?.Text ?? "nothing is known of the switchover");
    }
}
