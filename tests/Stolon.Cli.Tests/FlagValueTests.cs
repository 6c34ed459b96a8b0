using System.CommandLine;
using Stolon.Cli.Options;
using Stolon.Cli.Roles;
using Stolon.Cluster;
using Stolon.Hosting;

namespace Stolon.Cli.Tests;

/// <summary>From the command line and the environment to the options of the library.</summary>
public sealed class FlagValueTests
{
    private const string Keeper = "keeper --data-dir /data --pg-listen-address 10.0.0.1 --pg-repl-username repl";

    [Fact]
    public void A_value_follows_its_flag_or_an_equals_sign()
    {
        var options = ReadKeeper(Keeper + " --pg-port 5433 --pg-advertise-port=6000 --pg-su-username=admin --can-be-master=false --disable-data-dir-locking");

        options.Port.Should().Be(5433);
        options.AdvertisePort.Should().Be(6000);
        options.SuperuserName.Should().Be("admin");
        options.CanBePrimary.Should().BeFalse();
        options.CanBeSynchronousReplica.Should().BeTrue();
        options.DisableDataDirectoryLocking.Should().BeTrue();
        options.DataDirectory.Should().Be("/data");
        options.ListenAddress.Should().Be("10.0.0.1");
        options.ReplicationName.Should().Be("repl");
    }

    [Fact]
    public void What_is_not_given_has_stolons_defaults()
    {
        var options = ReadKeeper(Keeper);

        options.Port.Should().Be(5432);
        options.Uid.Should().BeNull();
        options.AdvertiseAddress.Should().BeNull();
        options.CanBePrimary.Should().BeTrue();
        options.SuperuserAuthMethod.Should().BeNull("the cluster says which");
        options.DisableDataDirectoryLocking.Should().BeFalse();
    }

    [Theory]
    [InlineData("STKEEPER_PG_PORT", "6543")]
    public void A_flag_can_come_from_the_environment(string name, string value) =>
        ReadKeeper(Keeper, (name, value)).Port.Should().Be(6543);

    [Fact]
    public void Names_of_variables_that_are_passed_on_are_a_list_with_commas()
    {
        ReadKeeper(Keeper + " --pass-environment RESTIC_*,MY_TOKEN").PassEnvironment.Should().Equal("RESTIC_*", "MY_TOKEN");
        ReadKeeper(Keeper, ("STKEEPER_PASS_ENVIRONMENT", "RESTIC_*, MY_TOKEN")).PassEnvironment.Should().Equal("RESTIC_*", "MY_TOKEN");
    }

    [Fact]
    public void A_copy_has_no_limit_unless_one_is_given()
    {
        ReadKeeper(Keeper).CopyMegabytesPerSecond.Should().BeNull();
        ReadKeeper(Keeper, ("STKEEPER_COPY_MAX_RATE", "50")).CopyMegabytesPerSecond.Should().Be(50);
    }

    [Fact]
    public void Required_flags_can_come_from_the_environment()
    {
        var options = ReadKeeper(
            "keeper", ("STKEEPER_DATA_DIR", "/data"), ("STKEEPER_PG_LISTEN_ADDRESS", "*"), ("STKEEPER_PG_REPL_USERNAME", "repl"), ("STKEEPER_CAN_BE_MASTER", "false"));

        options.DataDirectory.Should().Be("/data");
        options.ListenAddress.Should().Be("*");
        options.CanBePrimary.Should().BeFalse();
    }

    [Fact]
    public void The_command_line_wins_over_the_environment() =>
        ReadKeeper(Keeper + " --pg-port 1111", ("STKEEPER_PG_PORT", "2222")).Port.Should().Be(1111);

    [Theory]
    [InlineData("--pg-port 5433 --pg-port 5434")]
    [InlineData("--pg-port=5433 --pg-port 5434")]
    [InlineData("--pg-port 5433 --can-be-master=false --pg-port=5434 --can-be-master")]
    public void Of_a_flag_that_is_given_twice_the_last_one_counts(string flags)
    {
        var options = ReadKeeper($"{Keeper} {flags}");

        options.Port.Should().Be(5434);
        options.CanBePrimary.Should().BeTrue();
    }

    [Fact]
    public void A_value_that_looks_like_a_flag_is_a_value() =>
        ReadKeeper(Keeper + " --pg-su-username --pg-port --pg-port 5434").SuperuserName.Should().Be("--pg-port");

    [Theory]
    [InlineData("1", true)]
    [InlineData("t", true)]
    [InlineData("False", false)]
    [InlineData("0", false)]
    public void Yes_and_no_are_spelt_as_in_Go(string value, bool expected)
    {
        ReadKeeper($"{Keeper} --can-be-master={value}").CanBePrimary.Should().Be(expected);
        ReadKeeper(Keeper, ("STKEEPER_CAN_BE_MASTER", value)).CanBePrimary.Should().Be(expected);
    }

    [Fact]
    public void An_empty_variable_is_none() => ReadKeeper(Keeper, ("STKEEPER_PG_PORT", "")).Port.Should().Be(5432);

    [Fact]
    public void The_variables_of_other_commands_are_not_looked_at() => ReadKeeper(Keeper, ("STPROXY_PG_PORT", "1"), ("STOLONCTL_PG_PORT", "2")).Port.Should().Be(5432);

    [Fact]
    public void A_password_that_begins_with_an_at_sign_is_no_file_of_arguments() =>
        ReadKeeper(Keeper + " --pg-su-password @secret").SuperuserPassword.Should().Be("@secret");

    [Fact]
    public void A_proxy_takes_its_port_and_keepalives_from_either()
    {
        var command = new ProxyCommand();
        var options = new ProxyOptions();
        command.Read(Parse(command.Create(), "proxy --tcp-keepalive-idle 7 --tcp-keepalive-count 0 --stop-listening=false", ("STPROXY_PORT", "25432"))).Invoke(options);

        options.Port.Should().Be(25432);
        options.KeepAliveIdle.Should().Be(TimeSpan.FromSeconds(7));
        options.KeepAliveCount.Should().Be(3, "0 leaves it alone");
        options.StopListening.Should().BeFalse();
        options.ListenAddress.Should().Be("127.0.0.1");
    }

    [Fact]
    public void A_sentinel_without_a_specification_waits_for_init() => ReadSentinel("sentinel").CreatesCluster.Should().BeFalse();

    [Fact]
    public void A_sentinel_takes_a_specification_from_a_file() =>
        ReadSentinel("sentinel --initial-cluster-spec /etc/spec.json").InitialClusterSpecFile.Should().Be("/etc/spec.json");

    [Fact]
    public void A_sentinel_takes_a_specification_in_place()
    {
        var options = ReadSentinel("sentinel", ("STSENTINEL_INITIAL_CLUSTER_SPEC", """ {"initMode": "new", "failInterval": "7s"}"""));

        options.InitialClusterSpec.Should().BeEquivalentTo(new ClusterSpec { InitMode = InitMode.New, FailInterval = TimeSpan.FromSeconds(7) });
        options.CreatesCluster.Should().BeTrue();
    }

    [Theory]
    [InlineData("SuperuserPassword: given together with SuperuserPasswordFile; give one of the two.", "--pg-su-password: given together with --pg-su-passwordfile; give one of the two")]
    [InlineData("AdvertiseAddress: missing; with the listen address \"*\" others must be told", "--pg-advertise-address: missing; with the listen address \"*\" others must be told")]
    [InlineData("Username: missing, though a password is given.", "--store-username: missing, though a password is given", "orders: ")]
    [InlineData("Password: missing; give it or PasswordFile.", "--store-password-file: missing; give the file with the password of --store-username", "orders: ")]
    [InlineData("Address: expected an IP address, found \"x\".", "--metrics-listen-address: expected an IP address, found \"x\"", "HTTP listener: ")]
    public void The_library_is_quoted_in_the_words_of_the_command_line(string complaint, string expected, string label = "orders: Keeper: ") =>
        FlagNames.Translate(label + complaint).Should().Be(expected);

    [Theory]
    [InlineData("The proxy cannot listen on address ::1, port 1: give the proxy another Port. Give ListenAddress one.", "The proxy cannot listen on address ::1, port 1: give the proxy another --port. Give --listen-address one.")]
    [InlineData("Name the folder in the option BinDirectory.", "Name the folder in the option --pg-bin-path.")]
    [InlineData("Timeout during reading attempt.", "Timeout during reading attempt.")]
    public void So_are_sentences_that_mention_an_option(string sentence, string expected) => FlagNames.TranslateMentions(sentence).Should().Be(expected);

    [Fact]
    public void What_stolon_takes_and_we_do_not_is_taken_as_far_as_possible()
    {
        var command = new ProxyCommand();
        var options = new ProxyOptions();
        var parsed = Parse(command.Create(), "proxy --tcp-keepalive-idle 100000 --tcp-keepalive-count 101 --tcp-keepalive-interval 600");
        command.Read(parsed).Invoke(options);

        options.KeepAliveIdle.Should().Be(TimeSpan.FromHours(2));
        options.KeepAliveCount.Should().Be(100);
        command.Warnings(parsed).Should().Equal("--tcp-keepalive-idle: 100000 is out of range, 7200 is used", "--tcp-keepalive-count: 101 is out of range, 100 is used");
    }

    private static KeeperOptions ReadKeeper(string args, params (string Name, string Value)[] environment)
    {
        var command = new KeeperCommand();
        var options = new KeeperOptions();
        command.Read(Parse(command.Create(), args, environment)).Invoke(options);
        return options;
    }

    private static SentinelOptions ReadSentinel(string args, params (string Name, string Value)[] environment)
    {
        var command = new SentinelCommand();
        var options = new SentinelOptions();
        command.Read(Parse(command.Create(), args, environment)).Invoke(options);
        return options;
    }

    private static ParseResult Parse(Command command, string args, params (string Name, string Value)[] environment)
    {
        var variables = environment.ToDictionary(variable => variable.Name, variable => variable.Value, StringComparer.Ordinal);
        var (parsed, _) = StolonProgram.Parse(new RootCommand { command }, args.Split(' '), variables.GetValueOrDefault);
        parsed.Errors.Should().BeEmpty();
        return parsed;
    }
}
