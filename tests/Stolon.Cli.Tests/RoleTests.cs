using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Stolon.Tests;

namespace Stolon.Cli.Tests;

/// <summary>The roles as real processes.</summary>
public sealed partial class RoleTests
{
    private const int Sigint = 2;
    private const int Sigterm = 15;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    [Theory]
    [InlineData("sentinel", Sigint)]
    [InlineData("sentinel", Sigterm)]
    [InlineData("proxy --port 0", Sigint)]
    [InlineData("proxy --port 0", Sigterm)]
    public async Task A_role_ends_cleanly_when_it_is_asked_to(string role, int signal)
    {
        using var folder = new TestFolder();
        await folder.CtlAsync("init", "-y");
        using var process = StolonProcess.Start(StolonProcess.Program, [.. role.Split(' '), .. folder.Flags], []);
        await UntilSaidAsync(process, "of cluster orders, store:");

        Kill(process.Id, signal).Should().Be(0);

        await EndAsync(process);
        process.ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task A_role_in_the_background_of_a_shell_ends_at_an_interrupt()
    {
        using var folder = new TestFolder();
        await folder.CtlAsync("init", "-y");
        using var process = StolonProcess.Start("/bin/sh", ["-c", "trap '' INT; exec \"$0\" \"$@\"", StolonProcess.Program, "sentinel", .. folder.Flags], []);
        await UntilSaidAsync(process, "of cluster orders, store:");

        Kill(process.Id, Sigint).Should().Be(0);

        await EndAsync(process);
        process.ExitCode.Should().Be(0);
    }

    [Theory]
    [InlineData("exec", ">/dev/null 2>&1 </dev/null")]
    [InlineData("exec", ">&- 2>&- <&-")]
    [InlineData("", "2>&1 | true")]
    public async Task A_role_runs_without_anybody_who_reads(string start, string redirection)
    {
        using var folder = new TestFolder();
        using var process = StolonProcess.Start(
            "/bin/sh", ["-c", $"{start} \"$0\" \"$@\" {redirection}", StolonProcess.Program, "sentinel", .. folder.Flags, "--log-level", "debug", "--initial-cluster-spec", """{"initMode": "new"}"""], []);
        try
        {
            await UntilAsync(async () => File.Exists(folder.Store) && (await StatusAsync(folder))?["sentinels"] is JsonArray { Count: 1 });
            process.HasExited.Should().BeFalse();
        }
        finally
        {
            Process.GetProcessesByName("stolon").Where(other => IsOf(other, folder)).ToList().ForEach(other => Kill(other.Id, Sigterm));
            await EndAsync(process);
        }

        process.ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task A_keeper_keeps_its_passwords_to_itself_and_stops_its_PostgreSQL_when_it_ends()
    {
        using var folder = new TestFolder();
        using var sentinel = StolonProcess.Start(StolonProcess.Program, ["sentinel", .. folder.Flags, "--initial-cluster-spec", """{"initMode": "new"}"""], []);
        using var keeper = StolonProcess.Start(
            StolonProcess.Program,
            ["keeper", .. folder.Flags, "--uid", "keeper1", "--data-dir", folder.File("keeper1"), "--pg-listen-address", "127.0.0.1", "--pg-port", $"{FreePort.Next()}", "--pg-repl-username", "repl", "--pg-repl-password=onTheCommandLine"],
            new() { ["STKEEPER_PG_SU_PASSWORD"] = "inTheEnvironment" });
        var pid = folder.File("keeper1/postgres/postmaster.pid");
        try
        {
            await UntilAsync(async () => (await StatusAsync(folder))?["cluster"]?["available"]?.GetValue<bool>() == true && File.Exists(pid));

            (await File.ReadAllTextAsync($"/proc/{keeper.Id}/cmdline")).Should().Contain("--pg-repl-password").And.NotContain("onTheCommandLine");
            var postmaster = int.Parse((await File.ReadAllLinesAsync(pid))[0], System.Globalization.CultureInfo.InvariantCulture);
            (await File.ReadAllTextAsync($"/proc/{postmaster}/environ")).Should().NotContain("inTheEnvironment");
            Kill(keeper.Id, Sigterm).Should().Be(0);
            await EndAsync(keeper);
            keeper.ExitCode.Should().Be(0);
            Directory.Exists($"/proc/{postmaster}").Should().BeFalse("PostgreSQL ends first");
        }
        finally
        {
            Kill(keeper.Id, Sigterm);
            Kill(sentinel.Id, Sigterm);
            await EndAsync(keeper);
            await EndAsync(sentinel);
        }
    }

    [Fact]
    public async Task A_role_that_fails_for_good_ends_with_an_error()
    {
        using var folder = new TestFolder();
        var answer = await StolonProcess.RunAsync(
            ["keeper", .. folder.Flags, "--data-dir", folder.Write("file", ""), "--pg-listen-address", "127.0.0.1", "--pg-repl-username", "repl", "--pg-port", $"{FreePort.Next()}"]);

        answer.Code.Should().Be(1);
        answer.Error.Should().Contain(folder.File("file"));
    }

    [Fact]
    public async Task A_keeper_is_warned_in_the_words_of_the_command_line()
    {
        using var folder = new TestFolder();
        var answer = await StolonProcess.RunAsync(
            ["keeper", .. folder.Flags, "--data-dir", folder.Write("file", ""), "--pg-listen-address", "127.0.0.1", "--pg-repl-username", "repl", "--pg-port", $"{FreePort.Next()}",
            "--pg-su-passwordfile", folder.Write("password", "secret\n")]);

        answer.Error.Should().Contain("orders: --pg-su-password: it ended with a line break").And.Contain("orders: --pg-su-passwordfile: others than its owner may read");
    }

    private static async Task<JsonNode?> StatusAsync(TestFolder folder)
    {
        var answer = await folder.CtlAsync("status", "-f", "json");
        return answer.Code == 0 ? JsonNode.Parse(answer.Out) : null;
    }

    private static bool IsOf(Process process, TestFolder folder)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/cmdline").Contains(folder.Store, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task UntilSaidAsync(Process process, string text)
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        while (await process.StandardError.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return;
            }
        }

        throw new InvalidOperationException($"it ended and never said: {text}");
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        while (!await condition())
        {
            await Task.Delay(BetweenLooks, TimeProvider.System, limit.Token);
        }
    }

    /// <summary>Waits for its end, and reads what it says meanwhile: a full pipe must not hold it up.</summary>
    private static async Task EndAsync(Process process)
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
