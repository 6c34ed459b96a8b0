using System.Collections.Concurrent;
using System.Diagnostics;

namespace Stolon.Integration.EndToEnd;

/// <summary>The lives of one keeper, each a <see cref="KeeperWorker"/>, over one data directory.</summary>
/// <param name="folder">The folder of the store and of the data directories.</param>
/// <param name="uid">The keeper.</param>
/// <param name="port">The port of its PostgreSQL.</param>
internal sealed class MortalKeeper(string folder, string uid, int port) : IAsyncDisposable
{
    private static readonly TimeSpan LifeLimit = TimeSpan.FromSeconds(90);

    private readonly ConcurrentQueue<string> said = new();
    private Process? process;

    /// <summary>What its last life has logged.</summary>
    public IReadOnlyCollection<string> Said => said;

    public string DataDirectory => Path.Combine(folder, uid);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Lives until it logs a text.</summary>
    public async Task DieAtAsync(string text)
    {
        Start(text);
        try
        {
            await process!.WaitForExitAsync(Cancel).WaitAsync(LifeLimit, Cancel);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"It did not come to \"{text}\":\n{string.Join('\n', said)}");
        }

        process.ExitCode.Should().Be(128 + 9, "it was killed at \"{0}\":\n{1}", text, string.Join('\n', said));
        await KillAsync();
    }

    /// <summary>Begins a life.</summary>
    public void Start(string? diesAt = null)
    {
        said.Clear();
        var program = typeof(MortalKeeper).Assembly.Location;
        var start = new ProcessStartInfo("dotnet", [program])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["DOTNET_STARTUP_HOOKS"] = program,
                [Proxy.ProxyWorker.RoleVariable] = KeeperWorker.Role,
                [KeeperWorker.FolderVariable] = folder,
                [KeeperWorker.UidVariable] = uid,
                [KeeperWorker.PortVariable] = $"{port}",
                [KeeperWorker.DiesAtVariable] = diesAt,
            },
        };
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => said.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => said.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>kill -9 of it and of all that works for it, and the end of them.</summary>
    public async Task KillAsync()
    {
        if (process is null)
        {
            return;
        }

        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
        process = null;
        await Hosting.Eventually.Holds(() =>
        {
            var left = Processes.Mentioning(DataDirectory);
            Processes.Signal("KILL", left);
            return left.Length == 0;
        });
    }

    public async ValueTask DisposeAsync() => await KillAsync();
}
