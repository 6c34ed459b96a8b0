using System.CommandLine;
using Stolon.Cluster;

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
            var isDone = false;
            await context.RunAsync(parsed, async (session, token) =>
                isDone = (await session.ReadAsync(token).ConfigureAwait(false)).Data.Cluster.Spec.Role is null or Role.Primary).ConfigureAwait(false);
            if (isDone)
            {
                await Console.Out.WriteLineAsync("the cluster spec role is already master").ConfigureAwait(false);
                return 0;
            }

            const string Warning = "WARNING: The cluster will not follow an outside primary any more; that cannot be taken back.";
            return await Question.ConfirmAsync(parsed.GetValue(Yes), isInputTaken: false, Warning).ConfigureAwait(false)
                ? await context.ChangeAsync(parsed, (session, token) => session.Administration.PromoteAsync(token)).ConfigureAwait(false)
                : 0;
        });
        return command;
    }
}
