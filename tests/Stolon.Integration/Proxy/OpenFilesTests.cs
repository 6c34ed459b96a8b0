namespace Stolon.Integration.Proxy;

/// <summary>A proxy whose limit of open files is lower than what its clients need.</summary>
[Trait("Rule", "S12")]
public sealed class OpenFilesTests
{
    [Fact]
    public async Task Clients_beyond_the_limit_of_open_files_are_closed_and_others_served_when_they_have_gone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ulimit");
        using var primary = new EchoServer();
        using var worker = await WorkerProcess.StartAsync(primary, RunningProxy.LongTimeout, openFiles: 200);
        using (await worker.ConnectAsync())
        {
            var clients = new List<Client>();
            for (var i = 0; i < 200; i++)
            {
                clients.Add(await Client.ConnectAsync(worker.EndPoint));
            }

            primary.Accepted.Should().BeLessThan(80, "each client needs two files, and some are left to others");
            clients.ForEach(client => client.Dispose());
        }

        using var late = await worker.ConnectAsync();
        (await late.EchoAsync("pong")).Should().Be("pong");
    }
}
