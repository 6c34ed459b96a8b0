using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Stolon.Hosting;
using Stolon.Hosting.Proxy;
using Stolon.Hosting.Time;

namespace Stolon.Integration.Proxy;

/// <summary>
/// A proxy in a process of its own, so that a test can stop and continue it. It is this test program, started with
/// <see cref="StartupHook"/>; it obeys one-word commands on its standard input and answers each on its standard output.
/// </summary>
internal static class ProxyWorker
{
    public const string RoleVariable = "STOLON_TEST_WORKER";
    public const string Role = "proxy";
    public const string PrimaryVariable = "STOLON_TEST_PRIMARY";
    public const string TimeoutVariable = "STOLON_TEST_TIMEOUT";

    public static async Task RunAsync()
    {
        var timeout = TimeSpan.FromMilliseconds(int.Parse(Variable(TimeoutVariable), CultureInfo.InvariantCulture));
        var store = new ScriptedStore();
        using var service = new ProxyService(
            store, new ProxyOptions { Port = 0 }, "worker", TimeProvider.System, BootTimeProvider.Instance, NullLogger.Instance);
        store.Document = Documents.Routed(1, IPEndPoint.Parse(Variable(PrimaryVariable)), service.Id, timeout);
        await service.StartAsync(CancellationToken.None);
        Console.WriteLine(service.ListeningOn);
        while (await Console.In.ReadLineAsync() is { } command)
        {
            Obey(command.Split(' '), store, service, timeout);
            Console.WriteLine("done");
        }

        await service.StopAsync(CancellationToken.None);
    }

    private static void Obey(string[] command, ScriptedStore store, ProxyService service, TimeSpan timeout)
    {
        switch (command)
        {
            case ["hang"]:
                store.OnRead = _ => ScriptedStore.HangAsync();
                break;
            case ["switch-after-pause", var primary]:
                var last = BootTimeProvider.Instance.Now();
                store.OnRead = _ =>
                {
                    // What a sentinel does with a proxy that it has not heard of for so long.
                    var now = BootTimeProvider.Instance.Now();
                    if (now - last > 1.25 * timeout)
                    {
                        store.Document = Documents.Routed(3, IPEndPoint.Parse(primary), service.Id, timeout, "db2");
                    }

                    last = now;
                    return Task.CompletedTask;
                };
                break;
            default:
                throw new ArgumentException($"No such command: {string.Join(' ', command)}", nameof(command));
        }
    }

    private static string Variable(string name) =>
        Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set.");
}
