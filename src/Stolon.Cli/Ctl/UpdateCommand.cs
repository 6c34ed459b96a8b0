using System.CommandLine;
using System.Text;
using Stolon.Hosting.Administration;

namespace Stolon.Cli.Ctl;

/// <summary><c>ctl update</c> (A2).</summary>
internal static class UpdateCommand
{
    private static readonly Argument<string?> Spec = new("spec")
    {
        Arity = ArgumentArity.ZeroOrOne,
        HelpName = "SPEC",
        Description = "The whole specification, or with --patch what changes, as JSON (- = standard input).",
    };

    private static readonly Option<string?> FileFlag = GivenText.FileFlag("The same from a file");
    private static readonly Option<bool> Patch = new("--patch", "-p") { Description = "A JSON merge patch: what is given is set, null unsets." };
    private static readonly Option<bool> Force = new("--force") { Description = "Accept what an update refuses although a cluster can live with it, such as a very short failInterval, and ask no server whether it accepts pgParameters and pgHBA." };

    /// <summary>Makes the command.</summary>
    /// <param name="context">What the commands share.</param>
    /// <returns>The command.</returns>
    public static Command Create(CtlContext context)
    {
        var command = new Command("update", "Changes the cluster specification.") { Spec, FileFlag, Patch, Force };
        command.SetAction((parsed, token) => RunAsync(context, parsed, token));
        return command;
    }

    private static async Task<int> RunAsync(CtlContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        context.Check(parsed);
        var given = await GivenText.ReadAsync(parsed.GetValue(FileFlag), parsed.GetValue(Spec), cancellationToken).ConfigureAwait(false)
            ?? throw new CommandException("nothing to change: give a specification, or --file");
        var options = new UpdateOptions
        {
            Force = parsed.GetValue(Force),
            Remarks = remark => Console.Error.WriteLine($"stolon: note: {remark}"),
        };
        return await context.ChangeAsync(parsed, async (session, token) =>
        {
            if (parsed.GetValue(Patch))
            {
                await session.Administration.PatchAsync(Encoding.UTF8.GetString(given), options, token).ConfigureAwait(false);
            }
            else
            {
                await session.Administration.UpdateAsync(SpecText.Read(given), options, token).ConfigureAwait(false);
            }

            SpecText.Warn((await session.ReadAsync(token).ConfigureAwait(false)).Data.Cluster.Spec);
        }, options.CheckLimit).ConfigureAwait(false);
    }
}
