using System.CommandLine;
using System.Text;
using Stolon.Cli.Options;
using Stolon.Cli.Roles;
using Stolon.Hosting;

namespace Stolon.Cli.Tests;

/// <summary>Arguments are taken apart as stolon does.</summary>
public sealed class ArgumentTests
{
    private static readonly string[] Keeper = ["keeper", "--data-dir", "/data", "--pg-listen-address", "10.0.0.1", "--pg-repl-username", "repl"];

    [Theory]
    [InlineData("--pg-su-username=")]
    [InlineData("--pg-su-username", "")]
    public void An_empty_value_is_none_and_takes_nothing_of_what_follows(params string[] empty)
    {
        var options = ReadKeeper([.. Keeper, "--pg-port=1111", "--pg-port=", .. empty, "--pg-bin-path", "/bin"], ("STKEEPER_PG_SU_USERNAME", "admin"));

        options.SuperuserName.Should().Be("admin", "the environment counts");
        options.BinDirectory.Should().Be("/bin");
        options.Port.Should().Be(5432);
    }

    [Fact]
    public void What_follows_a_flag_is_its_value_whatever_it_looks_like() =>
        ReadKeeper([.. Keeper, "--pg-su-password", "--pg-port"]).SuperuserPassword.Should().Be("--pg-port");

    [Fact]
    public void A_switch_with_a_value_behind_it_can_be_given_again() =>
        ReadKeeper([.. Keeper, "--can-be-master", "false", "--can-be-master=true", "--can-be-master", "false"]).CanBePrimary.Should().BeFalse();

    [Theory]
    [InlineData("-y=1", "-f=spec.json")]
    [InlineData("-yf", "spec.json")]
    [InlineData("-yf=other.json", "-yfspec.json")]
    [InlineData("-y=0", "-yf", "other.json", "-yf", "spec.json")]
    public void Short_flags_are_bundled_and_take_an_equals_sign(params string[] flags)
    {
        var parsed = Ctl(["init", .. flags]);

        parsed.Errors.Should().BeEmpty();
        parsed.GetValue<bool>("--yes").Should().BeTrue();
        parsed.GetValue<string>("--file").Should().Be("spec.json");
    }

    [Theory]
    [InlineData("-p=1")]
    [InlineData("-p=t")]
    [InlineData("-p")]
    public void A_short_switch_takes_stolons_spellings(string flag) => Ctl("update", flag, "{}").GetValue<bool>("--patch").Should().BeTrue();

    [Fact]
    public void A_specification_on_the_command_line_wins_over_a_file_of_the_environment()
    {
        Ctl(["update", "{}"], ("STOLONCTL_FILE", "spec.json")).GetValue<string>("--file").Should().BeNull();
        Ctl(["update"], ("STOLONCTL_FILE", "spec.json")).GetValue<string>("--file").Should().Be("spec.json");
    }

    [Fact]
    public void Consent_does_not_come_from_the_environment() => Ctl(["init"], ("STOLONCTL_YES", "true")).GetValue<bool>("--yes").Should().BeFalse();

    [Theory]
    [InlineData("--pg-su-pasword=topsecret")]
    [InlineData("--pg-su-pasword:topsecret")]
    [InlineData("--pg-su-pasword", "topsecret")]
    public async Task The_value_of_a_misspelt_flag_is_not_repeated(params string[] flag)
    {
        var answer = await StolonProcess.RunAsync([.. Keeper, .. flag]);

        answer.ShouldBeRefused("\"--pg-su-pasword\" is unknown here");
        answer.Error.Should().NotContain("topsecret");
    }

    [Fact]
    public void Every_value_of_a_password_flag_is_written_over_and_nothing_else()
    {
        var memory = Encoding.UTF8.GetBytes("/bin/a-secret\0keeper\0--password\0secret\0--name\0secret\0--password=other=1\0--passwords=b\0--password\0--password\0\0");

        Secrets.Mask(memory, ["--password"]);

        Encoding.UTF8.GetString(memory).Should().Be("/bin/a-secret\0keeper\0--password\0xxxxxx\0--name\0secret\0--password=xxxxxxx\0--passwords=b\0--password\0xxxxxxxxxx\0\0");
    }

    private static ParseResult Ctl(params string[] args) => Ctl(args, []);

    private static ParseResult Ctl(string[] args, params (string Name, string Value)[] environment) => Parse(StolonProgram.Root(), ["ctl", .. args], environment);

    private static KeeperOptions ReadKeeper(string[] args, params (string Name, string Value)[] environment)
    {
        var command = new KeeperCommand();
        var options = new KeeperOptions();
        var parsed = Parse(new RootCommand { command.Create() }, args, environment);
        parsed.Errors.Should().BeEmpty();
        command.Read(parsed).Invoke(options);
        return options;
    }

    private static ParseResult Parse(RootCommand root, string[] args, (string Name, string Value)[] environment)
    {
        var variables = environment.ToDictionary(variable => variable.Name, variable => variable.Value, StringComparer.Ordinal);
        return StolonProgram.Parse(root, args, variables.GetValueOrDefault).Parsed;
    }
}
