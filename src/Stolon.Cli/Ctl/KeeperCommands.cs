using System.CommandLine;
using Stolon.Cluster;

namespace Stolon.Cli.Ctl;

/// <summary><c>ctl failkeeper</c> and <c>ctl removekeeper</c> (A4).</summary>
internal static class KeeperCommands
{
    /// <summary>Makes <c>failkeeper</c>.</summary>
    /// <param name="context">What the commands share.</param>
    /// <returns>The command.</returns>
    public static Command CreateFail(CtlContext context) => Create(
        "failkeeper",
        "Treats a keeper as failed for a moment: if it holds the primary, another takes over.",
        (uid, parsed) => context.ChangeAsync(parsed, (session, token) => session.Administration.FailKeeperAsync(uid, token)));

    /// <summary>Makes <c>removekeeper</c>.</summary>
    /// <param name="context">What the commands share.</param>
    /// <returns>The command.</returns>
    public static Command CreateRemove(CtlContext context) => Create(
        "removekeeper",
        "Forgets a keeper, unless it holds the primary. One that still runs registers anew.",
        (uid, parsed) => context.ChangeAsync(parsed, (session, token) => session.Administration.RemoveKeeperAsync(uid, token)));

    private static Command Create(string name, string description, Func<KeeperId, ParseResult, Task<int>> run)
    {
        var uid = new Argument<string>("keeper") { HelpName = "UID", Description = "The keeper's uid." };
        var command = new Command(name, description) { uid };
        command.SetAction((parsed, _) => run(new KeeperId(parsed.GetValue(uid)!), parsed));
        return command;
    }
}
