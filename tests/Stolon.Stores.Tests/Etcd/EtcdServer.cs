using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Stolon.Tests;

namespace Stolon.Stores.Tests;

/// <summary>A real etcd of one or more members, in a folder of its own, on free ports of the loopback interface.</summary>
internal sealed partial class EtcdServer : IAsyncDisposable
{
    private const int SigStop = 19;
    private const int SigContinue = 18;

    private readonly string folder = Directory.CreateTempSubdirectory("stolon-etcd-").FullName;
    private readonly List<Member> members = [];
    private readonly string[] more;
    private readonly string scheme;
    private readonly string address;

    private EtcdServer(int count, string scheme, string address, string[] more)
    {
        (this.scheme, this.address, this.more) = (scheme, address, more);
        var ports = FreePort.Next(2 * count);
        members.AddRange(Enumerable.Range(0, count).Select(number => new Member($"m{number}", ports[2 * number], ports[(2 * number) + 1])));
    }

    /// <summary>Where its members listen.</summary>
    public string[] Endpoints => [.. members.Select(member => $"{scheme}://{address}:{member.ClientPort}")];

    /// <summary>Starts one and waits until it answers.</summary>
    /// <param name="members">How many members.</param>
    /// <param name="scheme">http or https.</param>
    /// <param name="more">More of etcd's options.</param>
    public static Task<EtcdServer> StartAsync(int members = 1, string scheme = "http", params string[] more) =>
        StartAsync(new EtcdServer(members, scheme, "127.0.0.1", more));

    /// <summary>Starts one of one member that listens on another address of this machine.</summary>
    public static Task<EtcdServer> StartOnAsync(string address) => StartAsync(new EtcdServer(1, "http", address, []));

    /// <summary>Starts a member, also one that was killed.</summary>
    public void Start(int number)
    {
        var member = members[number];
        var cluster = string.Join(',', members.Select(one => $"{one.Name}=http://127.0.0.1:{one.PeerPort}"));
        string[] arguments =
        [
            "--name", member.Name, "--data-dir", Path.Combine(folder, member.Name),
            "--listen-client-urls", Endpoints[number], "--advertise-client-urls", Endpoints[number],
            "--listen-peer-urls", $"http://127.0.0.1:{member.PeerPort}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{member.PeerPort}",
            "--initial-cluster", cluster, "--initial-cluster-token", Path.GetFileName(folder), "--logger", "zap", "--log-level", "error", .. more,
        ];
        var start = new ProcessStartInfo("etcd", arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["ETCD_UNSUPPORTED_ARCH"] = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "" },
        };
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => member.Say(line.Data);
        process.ErrorDataReceived += (_, line) => member.Say(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        member.Process = process;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync(int number)
    {
        var process = members[number].Process!;
        process.Kill();
        await process.WaitForExitAsync();
    }

    public void Freeze(int number) => Signal(members[number], SigStop);

    public void Thaw(int number) => Signal(members[number], SigContinue);

    /// <summary>Which member leads, as etcd says.</summary>
    public async Task<int> LeaderAsync()
    {
        for (var number = 0; number < members.Count; number++)
        {
            var (_, text) = await ControlAsync(Endpoints[number], "endpoint", "status", "--write-out", "fields");
            if (Field(text, "\"MemberID\"") is { } own && own == Field(text, "\"Leader\""))
            {
                return number;
            }
        }

        throw new InvalidOperationException("no member says that it leads");

        static string? Field(string text, string name) =>
            text.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':')[1].Trim();
    }

    /// <summary>Runs etcdctl, as an operator does, on all members.</summary>
    public async Task<string> ControlAsync(params string[] arguments)
    {
        var (code, text) = await ControlAsync(string.Join(',', Endpoints), arguments);
        return code == 0 ? text : throw new InvalidOperationException($"etcdctl {string.Join(' ', arguments)}: {text}");
    }

    /// <summary>Waits until it answers.</summary>
    public Task ReadyAsync() => Wait.UntilAsync(
        async () =>
        {
            foreach (var member in members.Where(member => member.Process is { HasExited: true }))
            {
                throw new InvalidOperationException($"etcd {member.Name} ended: {member.Text}");
            }

            return scheme == "https" ? await IsOpenAsync() : (await ControlAsync(string.Join(',', Endpoints), "get", "x")).Code == 0;
        },
        because: "etcd answers");

    /// <summary>Waits until each member answers for itself, one that came back too.</summary>
    public Task AllReadyAsync() => Wait.UntilAsync(
        async () => (await Task.WhenAll(Endpoints.Select(endpoint => ControlAsync(endpoint, "get", "x")))).All(answer => answer.Code == 0),
        because: "every member answers");

    public async ValueTask DisposeAsync()
    {
        foreach (var process in members.Select(member => member.Process).OfType<Process>())
        {
            if (!process.HasExited)
            {
                process.Kill();
            }

            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task<EtcdServer> StartAsync(EtcdServer server)
    {
        for (var number = 0; number < server.members.Count; number++)
        {
            server.Start(number);
        }

        await server.ReadyAsync();
        return server;
    }

    private static async Task<(int Code, string Text)> ControlAsync(string endpoints, params string[] arguments)
    {
        var start = new ProcessStartInfo("etcdctl", ["--endpoints", endpoints, "--dial-timeout", "1s", "--command-timeout", "2s", .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["ETCDCTL_API"] = "3" },
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, text + await error);
    }

    private static void Signal(Member member, int signal) => _ = Kill(member.Process!.Id, signal);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    private async Task<bool> IsOpenAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, members[0].ClientPort);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private sealed class Member(string name, int clientPort, int peerPort)
    {
        private readonly List<string> lines = [];

        public string Name => name;

        public int ClientPort => clientPort;

        public int PeerPort => peerPort;

        public Process? Process { get; set; }

        public string Text
        {
            get
            {
                lock (lines)
                {
                    return string.Join('\n', lines);
                }
            }
        }

        public void Say(string? line)
        {
            if (line is not null)
            {
                lock (lines)
                {
                    lines.Add(line);
                }
            }
        }
    }
}
