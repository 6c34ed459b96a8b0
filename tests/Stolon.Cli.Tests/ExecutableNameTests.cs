using Stolon.Cli.Options;

namespace Stolon.Cli.Tests;

/// <summary>Under stolon's own executable names, by a link, the program is that command.</summary>
public sealed class ExecutableNameTests
{
    [Theory]
    [InlineData("stolon-keeper", "keeper")]
    [InlineData("stolon-sentinel", "sentinel")]
    [InlineData("stolon-proxy", "proxy")]
    [InlineData("stolonctl", "ctl")]
    public async Task A_link_is_enough(string name, string command)
    {
        using var folder = new TestFolder();

        var answer = await StolonProcess.RunAsync(folder.Link(name), ["--help"], input: "", environment: []);

        answer.ShouldSucceed().Out.Should().MatchRegex($@"Usage:\s+stolon {command} ");
    }

    [Fact]
    public async Task Its_environment_variables_are_those_of_the_command()
    {
        using var folder = new TestFolder();

        var answer = await StolonProcess.RunAsync(folder.Link("stolonctl"), ["init", "-y"], input: "", new()
        {
            ["STOLONCTL_CLUSTER_NAME"] = "orders",
            ["STOLONCTL_STORE_BACKEND"] = "embedded",
            ["STOLONCTL_STORE_ENDPOINTS"] = folder.Store,
        });

        answer.ShouldSucceed();
        File.Exists(folder.Store).Should().BeTrue();
    }

    [Theory]
    [InlineData("stolonctl", "version")]
    [InlineData("stolonctl", "--version")]
    [InlineData("stolon-keeper", "-v")]
    public async Task The_version_names_it(string name, string args)
    {
        using var folder = new TestFolder();

        var answer = await StolonProcess.RunAsync(folder.Link(name), [args], input: "", environment: []);

        answer.ShouldSucceed().Out.Should().Be($"{name} version {StolonProgram.Version}\n");
    }

    [Fact]
    public void Any_other_name_is_stolon_itself() => InvokedName.Expand("dotnet", ["ctl"]).Should().Equal("ctl");
}
