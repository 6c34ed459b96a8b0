using System.CommandLine;

namespace Stolon.Cli.Tests;

/// <summary>The commands and flags are those of stolon 0.17, with ours added: the table of docs/commands.md.</summary>
public sealed class FlagTableTests
{
    private const string Store =
        "--cluster-name --store-backend --store-endpoints --store-prefix --store-timeout --store-ca-file --store-cert-file --store-key "
        + "--store-skip-tls-verify --store-username --store-password-file --kube-resource-kind --metrics-listen-address --trace-file --log-level --log-color --debug";

    [Theory]
    [InlineData("keeper", "--uid --data-dir --pg-listen-address --pg-port --pg-advertise-address --pg-advertise-port --pg-bin-path --pg-su-username "
        + "--pg-su-password --pg-su-passwordfile --pg-su-auth-method --pg-repl-username --pg-repl-password --pg-repl-passwordfile "
        + "--pg-repl-auth-method --can-be-master --can-be-synchronous-replica --disable-data-dir-locking --pass-environment --copy-max-rate --liveness-port --leave-timeout " + Store)]
    [InlineData("sentinel", "--initial-cluster-spec " + Store)]
    [InlineData("proxy", "--listen-address --port --stop-listening --hold-timeout --liveness-port --liveness-address --tcp-keepalive-idle --tcp-keepalive-count --tcp-keepalive-interval " + Store)]
    [InlineData("ctl", "--kubeconfig --kube-context --kube-namespace " + Store)]
    [InlineData("ctl init", "--file -f --yes -y --force --discard-data")]
    [InlineData("ctl update", "--file -f --patch -p --force")]
    [InlineData("ctl spec", "--defaults")]
    [InlineData("ctl status", "--format -f")]
    [InlineData("ctl switchover", "--to --timeout")]
    [InlineData("ctl failkeeper", "")]
    [InlineData("ctl removekeeper", "")]
    [InlineData("ctl promote", "--yes -y")]
    [InlineData("ctl clusterdata read", "--pretty")]
    [InlineData("ctl clusterdata write", "--file -f --yes -y")]
    [InlineData("ctl register", "")]
    [InlineData("ctl version", "")]
    [InlineData("ctl help", "")]
    [InlineData("ctl history", "--format -f")]
    [InlineData("ctl explain", "--format -f")]
    [InlineData("ctl plan", "--file -f")]
    public void A_command_has_the_flags_of_the_table_and_no_others(string command, string flags)
    {
        var found = command.Split(' ').Aggregate((Command)StolonProgram.Root(), (parent, name) => parent.Subcommands.Single(child => child.Name == name));

        found.Options.Where(option => option.Name != "--help").SelectMany(option => option.Aliases.Prepend(option.Name))
            .Should().BeEquivalentTo(flags.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void The_table_names_every_command()
    {
        Names(StolonProgram.Root()).Should().BeEquivalentTo(
            "keeper", "sentinel", "proxy", "init", "update", "spec", "status", "switchover", "failkeeper", "removekeeper", "promote", "read", "write", "register",
            "version", "history", "explain", "plan", "help");

        static IEnumerable<string> Names(Command command) =>
            command.Subcommands.SelectMany(child => child.Subcommands.Count == 0 ? [child.Name] : Names(child));
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("-v")]
    [InlineData("keeper --version")]
    [InlineData("sentinel -v")]
    [InlineData("proxy -v")]
    [InlineData("ctl -v")]
    [InlineData("ctl version")]
    public async Task The_version_is_found_everywhere(string args)
    {
        var answer = await StolonProcess.RunAsync(args.Split(' '));

        answer.ShouldSucceed().Out.Should().MatchRegex(@"\Astolon version \d+\.\d+\.\d+\S*\n\z");
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("keeper --help")]
    [InlineData("ctl init --help")]
    [InlineData("ctl")]
    [InlineData("ctl help")]
    [InlineData("ctl help init")]
    [InlineData("ctl help clusterdata read")]
    [InlineData("ctl clusterdata")]
    public async Task Help_needs_no_other_flag(string args)
    {
        var answer = await StolonProcess.RunAsync(args.Split(' '));

        answer.ShouldSucceed().Out.Should().Contain("Usage:");
    }
}
