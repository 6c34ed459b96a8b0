using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Stolon.Cli.Options;
using Stolon.Hosting;

namespace Stolon.Cli.Roles;

/// <summary><c>stolon proxy</c>.</summary>
internal sealed class ProxyCommand
{
    private const int MaxPort = 65535;
    private const int MaxHold = 60;
    private const int MaxIdle = 7200;
    private const int MaxInterval = 600;
    private const int MaxCount = 100;

    private readonly StoreFlags store = new();
    private readonly LogFlags log = new();
    private readonly Option<string?> listen = Flag.Text("--listen-address", "Where clients connect to (default 127.0.0.1; * = every address).", "ADDRESS");
    private readonly Option<int?> port = Flag.Number("--port", "The port that clients connect to (default 5432).", 0, MaxPort);
    private readonly Option<bool> stopListening = Flag.Switch("--stop-listening", "Stop listening while the store is away for long (default true).", fallback: true);
    private readonly Option<int?> hold = Flag.Number("--hold-timeout", "Seconds that a new client waits while there is no primary or it cannot be reached (default 10; 0: it is closed at once).", 0, MaxHold);
    private readonly Option<int?> livenessPort = Flag.Number("--liveness-port", "The port at which keepers find out whether this proxy lives (default 0: any free one).", 0, MaxPort);
    private readonly Option<string?> livenessAddress = Flag.Text("--liveness-address", "The address of this host that keepers reach that port at (default: --listen-address, or the one that faces the primary).", "ADDRESS");
    private readonly Option<int?> idle = Flag.Number("--tcp-keepalive-idle", "Seconds without traffic before TCP asks (default 30).", 0, int.MaxValue);
    private readonly Option<int?> count = Flag.Number("--tcp-keepalive-count", "Unanswered questions that end a connection (default 3).", 0, int.MaxValue);
    private readonly Option<int?> interval = Flag.Number("--tcp-keepalive-interval", "Seconds between two questions (default 10).", 0, int.MaxValue);

    /// <summary>Makes the command.</summary>
    /// <returns>The command.</returns>
    public Command Create()
    {
        var command = new Command("proxy", "Accepts clients, and forwards them to the primary.") { listen, port, stopListening, hold, livenessPort, livenessAddress, idle, count, interval };
        store.AddTo(command);
        log.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    /// <summary>Reads the flags.</summary>
    /// <param name="parsed">The arguments.</param>
    /// <returns>What sets the options of the library.</returns>
    public Action<ProxyOptions> Read(ParseResult parsed) => options =>
    {
        options.ListenAddress = parsed.GetValue(listen) ?? options.ListenAddress;
        options.Port = parsed.GetValue(port) ?? options.Port;
        options.StopListening = parsed.GetValue(stopListening);
        options.HoldTimeout = parsed.GetValue(hold) is { } seconds ? TimeSpan.FromSeconds(seconds) : options.HoldTimeout;
        options.LivenessPort = parsed.GetValue(livenessPort) ?? options.LivenessPort;
        options.LivenessAddress = parsed.GetValue(livenessAddress);
        options.KeepAliveIdle = Seconds(parsed.GetValue(idle), MaxIdle) ?? options.KeepAliveIdle;
        options.KeepAliveCount = parsed.GetValue(count) is { } given and > 0 ? Math.Min(given, MaxCount) : options.KeepAliveCount;
        options.KeepAliveInterval = Seconds(parsed.GetValue(interval), MaxInterval) ?? options.KeepAliveInterval;
    };

    /// <summary>What was given and is not taken as it is.</summary>
    /// <param name="parsed">The arguments.</param>
    /// <returns>One sentence each.</returns>
    public IEnumerable<string> Warnings(ParseResult parsed) =>
        from limited in new[] { (Flag: idle, Most: MaxIdle), (Flag: count, Most: MaxCount), (Flag: interval, Most: MaxInterval) }
        let given = parsed.GetValue(limited.Flag)
        where given > limited.Most
        select $"{limited.Flag.Name}: {given} is out of range, {limited.Most} is used";

    /// <summary>0 is stolon's way to leave a setting alone.</summary>
    private static TimeSpan? Seconds(int? seconds, int most) => seconds is { } given and > 0 ? TimeSpan.FromSeconds(Math.Min(given, most)) : null;

    private Task<int> RunAsync(ParseResult parsed)
    {
        var (where, said, configure) = (store.Read(parsed), log.Read(parsed), Read(parsed));
        where = where with { Warnings = [.. where.Warnings, .. Warnings(parsed)] };
        return RoleHost.RunAsync("proxy", where, said, cluster => cluster.AddProxy(configure));
    }
}
