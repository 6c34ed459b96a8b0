using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Stolon.Integration.Proxy;

/// <summary>A running <see cref="ProxyWorker"/>, which can be stopped and continued as a whole.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private readonly Process process;

    private WorkerProcess(Process process) => this.process = process;

    public IPEndPoint EndPoint { get; private set; } = new(IPAddress.Loopback, 0);

    public static async Task<WorkerProcess> StartAsync(EchoServer primary, TimeSpan proxyTimeout, int? openFiles = null)
    {
        var program = typeof(WorkerProcess).Assembly.Location;
        var limit = openFiles is { } files ? $"ulimit -n {files} && " : "";
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"{limit}exec dotnet \"$0\"", program])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment =
            {
                ["DOTNET_STARTUP_HOOKS"] = program,
                [ProxyWorker.RoleVariable] = ProxyWorker.Role,
                [ProxyWorker.PrimaryVariable] = primary.EndPoint.ToString(),
                [ProxyWorker.TimeoutVariable] = ((int)proxyTimeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
            },
        };
        var worker = new WorkerProcess(Process.Start(start)!);
        worker.EndPoint = IPEndPoint.Parse(await worker.AnswerAsync());
        return worker;
    }

    /// <summary>The memory that it occupies.</summary>
    public long WorkingSetBytes
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    /// <summary>A client whose bytes are known to come through. Until its first check was good, the proxy closes every client.</summary>
    public async Task<Client> ConnectAsync()
    {
        for (var attempts = 0; ; attempts++)
        {
            Client? client = null;
            try
            {
                client = await Client.ConnectAsync(EndPoint);
                await client.EchoAsync("ping");
                return client;
            }
            catch (Exception problem) when (problem is SocketException or EndOfStreamException && attempts < 500)
            {
                client?.Dispose();
                await Eventually.PassAsync(TimeSpan.FromMilliseconds(20));
            }
        }
    }

    /// <summary>Has the worker obey a command.</summary>
    public async Task TellAsync(string command)
    {
        await process.StandardInput.WriteLineAsync(command);
        await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        (await AnswerAsync()).Should().Be("done");
    }

    /// <summary>Stops every thread of it (SIGSTOP).</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>Lets it run on (SIGCONT).</summary>
    public Task ContinueAsync() => SignalAsync("CONT");

    public void Dispose()
    {
        process.Kill();
        process.Dispose();
    }

    private async Task<string> AnswerAsync() =>
        await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(
            Eventually.Limit, TestContext.Current.CancellationToken)
        ?? throw new EndOfStreamException("The worker has ended.");

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        kill.ExitCode.Should().Be(0);
    }
}
