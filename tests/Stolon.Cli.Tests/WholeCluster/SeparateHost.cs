using System.ComponentModel;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>
/// A host of its own for a keeper: a network namespace with two links, one to where the store is and one to everybody else. A link is cut
/// as by pulling the cable out of the switch: what is sent is lost, and nobody is told.
/// </summary>
internal sealed class SeparateHost : IAsyncDisposable
{
    private const int Networks = 200;
    private readonly int number;

    private SeparateHost(int number) => this.number = number;

    private static readonly Task<string> Tried = TryAsync();

    /// <summary>Why there can be none on this machine, as a reason to skip a test; empty = there can.</summary>
    public static Task<string> HindranceAsync() => Tried;

    /// <summary>Where the store listens, for this host and all others.</summary>
    public string StoreAddress => $"10.231.{number}.1";

    /// <summary>Where the others listen.</summary>
    public string OthersAddress => $"10.231.{number}.129";

    /// <summary>Where this host's PostgreSQL listens.</summary>
    public string Address => $"10.231.{number}.130";

    /// <summary>What comes before a command that shall run here.</summary>
    public string[] Enter => ["nsenter", $"--net=/run/netns/{Name}"];

    private string Name => $"stolon{number}";

    /// <summary>Makes one.</summary>
    public static async Task<SeparateHost> CreateAsync()
    {
        for (var next = 1; next < Networks; next++)
        {
            // Whoever makes the namespace has the number.
            if (!Directory.Exists($"/run/netns/stolon{next}") && (await RunAsync("ip", "netns", "add", $"stolon{next}")).Code == 0)
            {
                var host = new SeparateHost(next);
                await IpAsync("-n", host.Name, "link", "set", "lo", "up");
                await host.LinkAsync("s", host.StoreAddress, $"10.231.{next}.2");
                await host.LinkAsync("o", host.OthersAddress, host.Address);
                return host;
            }
        }

        throw new InvalidOperationException("No network namespace can be made.");
    }

    /// <summary>Cuts the link to the store.</summary>
    public Task CutFromStoreAsync() => IpAsync("link", "set", $"sts{number}", "nomaster");

    /// <summary>Cuts the link to everybody else.</summary>
    public Task CutFromOthersAsync() => IpAsync("link", "set", $"sto{number}", "nomaster");

    /// <summary>Puts both back.</summary>
    public async Task ConnectAsync()
    {
        await IpAsync("link", "set", $"sts{number}", "master", $"sbs{number}");
        await IpAsync("link", "set", $"sto{number}", "master", $"sbo{number}");
    }

    /// <summary>Runs a command here, to its end.</summary>
    public Task<Answer> RunHereAsync(params string[] command) => RunAsync(Enter[0], [Enter[1], .. command]);

    public async ValueTask DisposeAsync()
    {
        await IpAsync("netns", "del", Name);
        await IpAsync("link", "del", $"sbs{number}");
        await IpAsync("link", "del", $"sbo{number}");
    }

    private static Task<Answer> RunAsync(string program, params string[] arguments) => StolonProcess.RunAsync(program, arguments, "", []);

    private static async Task IpAsync(params string[] arguments) => (await RunAsync("ip", arguments)).ShouldSucceed();

    private static async Task<string> TryAsync()
    {
        if (!Environment.IsPrivilegedProcess || !OperatingSystem.IsLinux())
        {
            return "only root makes network namespaces";
        }

        // A container may have root without this right.
        var (name, bridge, port) = ($"stolon-try-{Environment.ProcessId}", "sbtry", "sttry");
        string[][] attempts =
        [
            ["netns", "add", name], ["link", "add", bridge, "type", "bridge"],
            ["link", "add", port, "type", "veth", "peer", "name", "sktry", "netns", name], ["link", "set", port, "master", bridge],
        ];
        try
        {
            foreach (var attempt in attempts)
            {
                if (await RunAsync("ip", attempt) is { Code: not 0 } answer)
                {
                    return $"ip {string.Join(' ', attempt)}: {answer.Error}";
                }
            }

            return "";
        }
        catch (Win32Exception exception)
        {
            return $"there is no ip: {exception.Message}";
        }
        finally
        {
            await ForgetAsync(["netns", "del", name], ["link", "del", bridge]);
        }
    }

    private static async Task ForgetAsync(params string[][] made)
    {
        foreach (var one in made)
        {
            try
            {
                await RunAsync("ip", one);
            }
            catch (Win32Exception)
            {
                // Then nothing was made.
            }
        }
    }

    private async Task LinkAsync(string kind, string here, string there)
    {
        var (bridge, port, far) = ($"sb{kind}{number}", $"st{kind}{number}", $"sk{kind}{number}");

        // An address of its own: with that of its port, what arrives at the port would be taken for its own after the port was pulled out.
        await IpAsync("link", "add", bridge, "address", $"02:10:23:1{(kind == "s" ? 1 : 2)}:00:{number:x2}", "type", "bridge");
        await IpAsync("addr", "add", $"{here}/25", "dev", bridge);
        await IpAsync("link", "add", port, "type", "veth", "peer", "name", far, "netns", Name);
        await IpAsync("link", "set", port, "master", bridge);
        await IpAsync("link", "set", port, "up");
        await IpAsync("link", "set", bridge, "up");
        await IpAsync("-n", Name, "addr", "add", $"{there}/25", "dev", far);
        await IpAsync("-n", Name, "link", "set", far, "up");
    }
}
