using Stolon.Integration.EndToEnd;
using Stolon.Integration.Proxy;

/// <summary>
/// Lets this test program start itself as a worker: the runtime calls <see cref="Initialize"/> before the program's own entry point when
/// DOTNET_STARTUP_HOOKS names it. The name and the missing namespace are the runtime's demand.
/// </summary>
#pragma warning disable CA1050, MA0047
internal static class StartupHook
#pragma warning restore CA1050, MA0047
{
    public static void Initialize()
    {
        var worker = Environment.GetEnvironmentVariable(ProxyWorker.RoleVariable) switch
        {
            ProxyWorker.Role => ProxyWorker.RunAsync(),
            KeeperWorker.Role => KeeperWorker.RunAsync(),
            _ => null,
        };
        if (worker is null)
        {
            return;
        }

#pragma warning disable VSTHRD002 // There is nobody to wait asynchronously.
        worker.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
        Environment.Exit(0);
    }
}
