using Stolon.Hosting;
using Stolon.Hosting.Proxy;

namespace Stolon.Integration.Proxy;

public sealed class StoppingTests
{
    [Fact]
    public async Task A_proxy_that_stops_listening_says_nothing_of_clients_that_cannot_be_accepted()
    {
        var log = new Hosting.ListLogger<Listener>();
        using var listener = new Listener(new ProxyOptions { Port = 0 }, client => client.Dispose(), TimeProvider.System, log);
        for (var times = 0; times < 100; times++)
        {
            listener.Start();

            // Most of the time it waits in accept by then.
            await Eventually.PassAsync(TimeSpan.FromMilliseconds(times / 20));
            listener.Stop();
        }

        log.Lines.Should().BeEmpty();
    }
}
