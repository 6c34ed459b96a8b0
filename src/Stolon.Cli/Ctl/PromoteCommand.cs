using System.CommandLine;

namespace Stolon.Cli.Ctl;

/// <summary><c>ctl promote</c> (A3).</summary>
internal static class PromoteCommand
{
    private static readonly Option<bool> Yes = Question.YesFlag();

    /// <summary>Makes the command.</summary>
    /// <param name="context">What the commands share.</param>
    /// <returns>The command.</returns>
    public static Command Create(CtlContext context)
    {
        var command = new Command("promote", "Makes a standby cluster an ordinary one, for good.") { Yes };
        command.SetAction(async (parsed, _) =>
        {
            context.Check(parsed);
            const string Warning = "The cluster will not follow an outside primary any more; that cannot be taken back.";
            return await Question.ConfirmAsync(parsed.GetValue(Yes), isInputTaken: false, Warning).ConfigureAwait(false)
                ? await context.RunAsync(parsed, (session, token) => session.Administration.PromoteAsync(token)).ConfigureAwait(false)
                : 0;
        });
        return command;
    }
}
