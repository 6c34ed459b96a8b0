using System.Diagnostics;

namespace Stolon.Cli.Tests;

/// <summary>What a run of the real program said.</summary>
/// <param name="Code">Its exit code.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record Answer(int Code, string Out, string Error)
{
    /// <summary>It failed as it should: nothing on standard output, one line on standard error, exit code 1.</summary>
    public void ShouldBeRefused(string because)
    {
        Error.Should().EndWith("\n").And.Contain(because);
        Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().ContainSingle("one line says it all: {0}", Error);
        Code.Should().Be(1);
    }

    /// <summary>Asserts that the command failed, and said all of this.</summary>
    public Answer ShouldFail(params string[] sentences)
    {
        Code.Should().NotBe(0, Out);
        foreach (var sentence in sentences)
        {
            Error.Should().Contain(sentence);
        }

        return this;
    }

    /// <summary>It succeeded.</summary>
    public Answer ShouldSucceed(string because = "")
    {
        Code.Should().Be(0, "{0} {1}", because, Error);
        return this;
    }
}

/// <summary>The real program, as a process of its own.</summary>
internal static class StolonProcess
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>The program: the one that was built with the tests, or a published one.</summary>
    public static string Program { get; } =
        Environment.GetEnvironmentVariable("STOLON_PROGRAM") is { Length: > 0 } published ? Path.GetFullPath(published) : Path.Combine(AppContext.BaseDirectory, "stolon");

    /// <summary>Runs it to its end.</summary>
    public static Task<Answer> RunAsync(params string[] args) => RunAsync(Program, args, input: "", environment: []);

    /// <summary>Runs it to its end.</summary>
    public static async Task<Answer> RunAsync(
        string program, string[] args, string input, Dictionary<string, string> environment)
    {
        using var process = Start(program, args, environment);
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(limit.Token);
            return new Answer(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    /// <summary>Starts it.</summary>
    public static Process Start(string program, string[] args, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, args)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
