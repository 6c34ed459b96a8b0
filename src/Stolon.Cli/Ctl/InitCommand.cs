using System.CommandLine;
using Stolon.Cluster;
using Stolon.Hosting.Administration;

namespace Stolon.Cli.Ctl;

/// <summary><c>ctl init</c> (A1).</summary>
internal static class InitCommand
{
    private static readonly Argument<string?> Spec = new("spec")
    {
        Arity = ArgumentArity.ZeroOrOne,
        HelpName = "SPEC",
        Description = "The cluster specification as JSON (default {\"initMode\": \"new\"}).",
    };

    private static readonly Option<string?> FileFlag = GivenText.FileFlag("The cluster specification");
    private static readonly Option<bool> Yes = Question.YesFlag();
    private static readonly Option<bool> Force = new("--force") { Description = "Accept what is refused although a cluster can live with it, such as a failInterval below 3 s." };
    private static readonly Option<bool> Discard = new("--discard-data") { Description = "Keepers may set aside data of another cluster: it is renamed, not deleted." };

    /// <summary>Makes the command.</summary>
    /// <param name="context">What the commands share.</param>
    /// <returns>The command.</returns>
    public static Command Create(CtlContext context)
    {
        var command = new Command("init", "Makes a new cluster.") { Spec, FileFlag, Yes, Force, Discard };
        command.SetAction((parsed, token) => RunAsync(context, parsed, token));
        return command;
    }

    private static async Task<int> RunAsync(CtlContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        context.Check(parsed);
        var (file, inline) = (parsed.GetValue(FileFlag), parsed.GetValue(Spec));
        var given = await GivenText.ReadAsync(file, inline, cancellationToken).ConfigureAwait(false);
        var spec = (given is null ? new ClusterSpec { InitMode = InitMode.New } : SpecText.Read(given)).WithFastDefaults();
        var force = parsed.GetValue(Force);
        var forced = spec.ValidateForForcedInit();
        if ((force ? forced : spec.ValidateForInit()) is { IsEmpty: false } mistakes)
        {
            throw new InvalidSpecException(mistakes) { CanBeForced = forced.IsEmpty };
        }

        // As stolon: whatever the store holds is replaced. The keepers' data is safe all the same (Q32).
        var held = await context.LookAsync(parsed).ConfigureAwait(false);
        if (!await Question.ConfirmAsync(parsed.GetValue(Yes), GivenText.IsStandardInput(file, inline), held.Fate).ConfigureAwait(false))
        {
            return 0;
        }

        var options = new InitOptions { Replace = held.IsThere, Force = force, DiscardData = parsed.GetValue(Discard) };
        return await context.RunAsync(
            parsed,
            async (session, token) =>
            {
                await session.Administration.InitAsync(spec, options, token).ConfigureAwait(false);
                SpecText.Warn(spec);
            },
            creates: true).ConfigureAwait(false);
    }
}
