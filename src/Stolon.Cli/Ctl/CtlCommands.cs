using System.CommandLine;

namespace Stolon.Cli.Ctl;

/// <summary><c>stolon ctl</c>, also known as <c>stolonctl</c>.</summary>
internal static class CtlCommands
{
    /// <summary>Makes the command with all its own.</summary>
    /// <returns>The command.</returns>
    public static Command Create()
    {
        var context = new CtlContext();
        var command = new Command("ctl", "Asks a cluster, and changes it.")
        {
            InitCommand.Create(context),
            UpdateCommand.Create(context),
            SpecCommand.Create(context),
            StatusCommand.Create(context),
            HistoryCommand.Create(context),
            ExplainCommand.Create(context),
            PlanCommand.Create(context),
            KeeperCommands.CreateFail(context),
            KeeperCommands.CreateRemove(context),
            PromoteCommand.Create(context),
            ClusterDataCommand.Create(context),
            Register(),
            Version(),
        };
        context.AddTo(command);
        return command;
    }

    /// <summary>consul's service registration comes with consul.</summary>
    private static Command Register()
    {
        var command = new Command("register", "Of the consul store, which is not there yet.") { TreatUnmatchedTokensAsErrors = false };
        command.SetAction(Refuse);
        return command;
    }

    private static int Refuse(ParseResult parsed) =>
        throw new CommandException("register: it registers services in consul, which is not supported yet; let clients connect to a proxy");

    private static Command Version()
    {
        var command = new Command("version", "Print the version.");
        command.SetAction(_ => Console.Out.WriteLine($"stolon version {StolonProgram.Version}"));
        return command;
    }
}
