using System.Diagnostics;

namespace Stolon.Integration.EndToEnd;

/// <summary>The quickstart as someone sees it who has started it in a terminal: lines that come, and Ctrl+C.</summary>
internal sealed class Terminal : IDisposable
{
    private readonly Process process;
    private readonly List<(long Time, string Line)> lines = [];
    private readonly Lock gate = new();
    private readonly long start = TimeProvider.System.GetTimestamp();

    private Terminal(Process process) => this.process = process;

    public int Pid => process.Id;

    public int ExitCode => process.ExitCode;

    public string Text
    {
        get
        {
            lock (gate)
            {
                return string.Join('\n', lines.Select(line => line.Line));
            }
        }
    }

    /// <summary>Starts it in a session of its own, so that signals to its group are those of a terminal.</summary>
    public static Terminal Start(params string[] arguments)
    {
        var program = typeof(global::QuickStart.Settings).Assembly.Location;
        var terminal = new Terminal(new Process
        {
            StartInfo = new ProcessStartInfo("setsid", ["dotnet", program, .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            },
        });
        terminal.process.OutputDataReceived += (_, line) => terminal.Add(line.Data);
        terminal.process.ErrorDataReceived += (_, line) => terminal.Add(line.Data);
        terminal.process.Start();
        terminal.process.BeginOutputReadLine();
        terminal.process.BeginErrorReadLine();
        return terminal;
    }

    public async Task UntilAsync(string text, TimeSpan limit)
    {
        while (!Text.Contains(text, StringComparison.Ordinal))
        {
            if (process.HasExited || TimeProvider.System.GetElapsedTime(start) > limit)
            {
                Assert.Fail($"Waited for \"{text}\"; there came:\n{Text}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Ctrl+C: to the whole group, the children too.</summary>
    public void Interrupt() => Processes.Signal("INT", -Pid);

    public async Task EndAsync(TimeSpan limit)
    {
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(limit, TimeProvider.System, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"It did not end within {limit.TotalSeconds} s:\n{Text}");
        }
    }

    /// <summary>The longest time between two lines, from the start on.</summary>
    public TimeSpan LongestSilence()
    {
        lock (gate)
        {
            return lines.Select(line => line.Time).Prepend(start)
                .Zip(lines.Select(line => line.Time), (earlier, later) => TimeProvider.System.GetElapsedTime(earlier, later))
                .Max();
        }
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        process.Dispose();
    }

    private void Add(string? line)
    {
        if (line is not null)
        {
            lock (gate)
            {
                lines.Add((TimeProvider.System.GetTimestamp(), line));
            }
        }
    }
}
