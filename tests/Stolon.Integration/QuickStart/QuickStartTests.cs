using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Stolon.Integration.EndToEnd;

/// <summary>The quickstart as a whole, as a person uses it.</summary>
[Collection(ClusterCollection.Name)]
public sealed class QuickStartTests : IDisposable
{
    private static readonly TimeSpan UpLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan DownLimit = TimeSpan.FromSeconds(45);
    private readonly string folder = MakeFolder();

    [Theory]
    [InlineData("")]
    [InlineData("--processes")]
    public async Task It_comes_up_saying_what_it_does_and_Ctrl_C_leaves_nothing_running_and_a_second_start_finds_the_same_data(string form)
    {
        using (var first = await UpAsync(form))
        {
            first.LongestSilence().Should().BeLessThan(TimeSpan.FromSeconds(2.5), "there is never more than two seconds without a line:\n{0}", first.Text);
            (await PsqlAsync(first, "create table t as select 7 as n")).Should().Be("SELECT 1");
            await InterruptAsync(first);
        }

        using var second = await UpAsync(form);
        (await PsqlAsync(second, "select n from t")).Should().Be("7");
        await InterruptAsync(second);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--processes")]
    [Trait("Rule", "S4")]
    public async Task Nothing_outlives_it_when_it_is_killed(string form)
    {
        using var terminal = await UpAsync(form);

        Processes.Signal("KILL", terminal.Pid);

        await NothingRunsAsync(terminal);
    }

    [Fact]
    public async Task A_second_one_on_the_same_folder_is_refused()
    {
        using var first = await UpAsync("", keepers: 1);
        using var second = Terminal.Start("--data", folder);

        await second.EndAsync(DownLimit);

        second.ExitCode.Should().Be(1);
        second.Text.Should().Contain(folder).And.Contain("--data FOLDER");
        await InterruptAsync(first);
    }

    [Fact]
    public async Task A_missing_store_over_data_is_refused_with_the_remedies()
    {
        var keeper = Directory.CreateDirectory(Path.Combine(folder, "keeper1", "postgres"));
        await File.WriteAllTextAsync(Path.Combine(keeper.FullName, "PG_VERSION"), "15\n", TestContext.Current.CancellationToken);
        using var terminal = Terminal.Start("--data", folder);

        await terminal.EndAsync(DownLimit);

        terminal.ExitCode.Should().Be(1);
        terminal.Text.Should().Contain("is missing").And.Contain("--take-over keeper1");
        Directory.Exists(Path.Combine(folder, "store")).Should().BeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("--sync")]
    public async Task The_demo_ends_well_and_tells_each_decision_once(string form)
    {
        using var terminal = Terminal.Start(["--demo", .. form.Length > 0 ? [form] : Array.Empty<string>()]);

        await terminal.EndAsync(TimeSpan.FromMinutes(4));

        terminal.ExitCode.Should().Be(0, "{0}", terminal.Text);
        terminal.Text.Should().MatchRegex(@"lost +0\n").And.Contain("every acknowledged row is there");
        terminal.Text.Split('\n').Should().ContainSingle(line => line.Contains("takes over", StringComparison.Ordinal));
        terminal.LongestSilence().Should().BeLessThan(TimeSpan.FromSeconds(2.5), "{0}", terminal.Text);
    }

    [Fact]
    public async Task A_part_that_was_killed_is_started_again_after_thirty_seconds_and_Ctrl_C_ends_the_new_one_too()
    {
        using var terminal = await UpAsync("--processes");
        var sentinel = Regex.Match(terminal.Text, @"sentinel (?<pid>\d+)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Groups["pid"].Value;

        Processes.Signal("KILL", int.Parse(sentinel, CultureInfo.InvariantCulture));

        await terminal.UntilAsync($"sentinel (process {sentinel}) has ended, killed by signal 9; it is started again in 30 s", UpLimit);
        await terminal.UntilAsync("sentinel is started again: process ", UpLimit);
        await InterruptAsync(terminal);
    }

    [Fact]
    public async Task A_leftover_of_a_lost_store_is_named_before_another_is_made()
    {
        var store = Directory.CreateDirectory(Path.Combine(folder, "store")).FullName;
        var keeper = Directory.CreateDirectory(Path.Combine(folder, "keeper1", "postgres"));
        await File.WriteAllTextAsync(Path.Combine(keeper.FullName, "PG_VERSION"), "15\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(store, "store.db-wal"), "left", TestContext.Current.CancellationToken);
        using var terminal = Terminal.Start("--data", folder, "--take-over", "keeper1");

        await terminal.EndAsync(DownLimit);

        terminal.ExitCode.Should().Be(1);
        terminal.Text.Should().Contain("store.db-wal is left of it").And.NotContain("   at ");
        File.Exists(Path.Combine(store, "store.db")).Should().BeFalse();
    }

    [Fact]
    public async Task A_wrong_option_gives_one_clear_error()
    {
        using var terminal = Terminal.Start("--keepers", "99");

        await terminal.EndAsync(DownLimit);

        terminal.ExitCode.Should().Be(2);
        terminal.Text.Should().Contain("--keepers: give a number from 1 to 10.");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string MakeFolder()
    {
        var path = Directory.CreateTempSubdirectory("stolon-quickstart-").FullName;

        // PostgreSQL may run as another user.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(
                path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }

        return path;
    }

    private static async Task<string> PsqlAsync(Terminal terminal, string sql)
    {
        var command = terminal.Text.Split('\n').Last(line => line.StartsWith("PGPASSWORD=", StringComparison.Ordinal)
            || line.TrimStart().StartsWith("PGPASSWORD=", StringComparison.Ordinal)).Trim();
        using var psql = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"{command} -Atc '{sql}' 2>&1"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var answer = await psql.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await psql.WaitForExitAsync(TestContext.Current.CancellationToken);
        return answer.Trim();
    }

    private async Task<Terminal> UpAsync(string form, int keepers = 2)
    {
        string[] arguments = ["--data", folder, "--keepers", $"{keepers}", .. form.Length > 0 ? [form] : Array.Empty<string>()];
        var terminal = Terminal.Start(arguments);
        await terminal.UntilAsync("complete:", UpLimit);
        return terminal;
    }

    private async Task InterruptAsync(Terminal terminal)
    {
        terminal.Interrupt();
        await terminal.EndAsync(DownLimit);
        terminal.ExitCode.Should().Be(0, "{0}", terminal.Text);
        Processes.Describe(Processes.Mentioning(folder)).Should().BeEmpty("nothing may be left running");
    }

    private async Task NothingRunsAsync(Terminal terminal)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (Processes.Mentioning(folder) is { Length: > 0 } left)
        {
            if (TimeProvider.System.GetElapsedTime(start) > DownLimit)
            {
                Processes.Signal("KILL", left);
                Assert.Fail($"There is still {Processes.Describe(left)}.\n{terminal.Text}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
