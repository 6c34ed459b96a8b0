using Stolon.Stores.Tests;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>One etcd for the clusters of a class, and a place for what they share.</summary>
public sealed class EtcdOfTests : IAsyncLifetime
{
    private readonly TestFolder folder = new();

    internal EtcdServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await EtcdServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        folder.Dispose();
    }

    /// <summary>A folder in which the tests and PostgreSQL's user may write.</summary>
    internal string Folder(string name)
    {
        var path = folder.File(name);
        if (!Directory.Exists(path) && !OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            File.SetUnixFileMode(path, (UnixFileMode)0b111_111_111);
        }

        return path;
    }
}
