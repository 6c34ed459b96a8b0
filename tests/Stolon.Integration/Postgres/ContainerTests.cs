using System.Diagnostics;

namespace Stolon.Integration.Postgres;

/// <summary>Root in a container has no CAP_SYS_PTRACE, and so may not see where the processes of PostgreSQL's user work.</summary>
[Collection(EndToEnd.ClusterCollection.Name)]
[Trait("Rule", "Q42")]
[Trait("Rule", "PG3")]
public sealed class ContainerTests
{
    [Theory]
    [InlineData(nameof(DriverTests.A_fresh_cluster_starts_answers_applies_a_parameter_and_stops_with_nothing_left))]
    [InlineData(nameof(DriverTests.When_the_guard_itself_is_killed_a_stop_still_leaves_nothing))]
    public async Task Root_without_the_capability_to_trace_does_it_too(string sentence)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root has capabilities to lose");
        string[] command =
        [
            "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace", "dotnet", typeof(ContainerTests).Assembly.Location, "-noLogo", "-noColor",
            "-method", $"{typeof(DriverTests).FullName}.{sentence}",
        ];
        using var test = Process.Start(new ProcessStartInfo("setpriv", command) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var said = await test.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await test.WaitForExitAsync(TestContext.Current.CancellationToken);

        test.ExitCode.Should().Be(0, said);
        said.Should().Contain("Total: 1");
    }
}
