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
            SwitchoverCommand.Create(context),
            KeeperCommands.CreateFail(context),
            KeeperCommands.CreateRemove(context),
            PromoteCommand.Create(context),
            ClusterDataCommand.Create(context),
            Register(),
            Version(),
        };
        command.Subcommands.Add(Help(command));
        ShowHelpAlone(command);
        context.AddTo(command);
        return command;
    }

    /// <summary>Without one of its commands a command shows what there is, as in stolon.</summary>
    /// <param name="command">The command.</param>
    public static void ShowHelpAlone(Command command) => command.SetAction(_ => ShowHelp(command, []));

    private static Command Help(Command ctl)
    {
        var topic = new Argument<string[]>("command") { HelpName = "COMMAND", Description = "What to show the help of.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("help", "Shows the help of a command.") { topic };
        command.SetAction(parsed => ShowHelp(ctl, parsed.GetValue(topic) ?? []));
        return command;
    }

    private static int ShowHelp(Command ctl, string[] topic)
    {
        var found = ctl;
        foreach (var name in topic)
        {
            found = found.Subcommands.FirstOrDefault(child => child.Name == name) ?? throw new CommandException($"help: there is no command {name}");
        }

        return found.Parse(["--help"]).Invoke();
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
        command.SetAction(_ => Console.Out.WriteLine(StolonProgram.VersionLine));
        return command;
    }
}
