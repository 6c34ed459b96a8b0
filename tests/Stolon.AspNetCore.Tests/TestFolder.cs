using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Stolon.Tests;

namespace Stolon.AspNetCore.Tests;

/// <summary>A folder that PostgreSQL's user may enter, for a whole cluster; gone when disposed, and what ran in it too.</summary>
internal sealed class TestFolder : IDisposable
{
    public const string Cluster = "whole";

    private readonly string path = Directory.CreateTempSubdirectory("stolon-http-").FullName;

    public TestFolder()
    {
        // PostgreSQL runs as a user of its own when the tests run as root.
        using var chmod = Process.Start("chmod", ["755", path]);
        chmod.WaitForExit();
    }

    public string KeeperState => Path.Combine(path, "keeper1", "keeperstate");

    public string PgData => Path.Combine(path, "keeper1", "postgres");

    /// <summary>Registers all roles and the listener.</summary>
    public void WholeCluster(IServiceCollection services) =>
        services.AddStolon(Cluster).UseEmbeddedStore(Path.Combine(path, "store.db"))
            .AddKeeper(keeper => (keeper.Uid, keeper.DataDirectory, keeper.Port) = ("keeper1", Path.Combine(path, "keeper1"), FreePort.Next()))
            .AddSentinel()
            .AddProxy(proxy => proxy.Port = 0)
            .AddHttpListener(http => http.Address = "127.0.0.1:0");

    public void Dispose()
    {
        Processes.Signal("KILL", Processes.Of(PgData));
        Directory.Delete(path, recursive: true);
    }
}
