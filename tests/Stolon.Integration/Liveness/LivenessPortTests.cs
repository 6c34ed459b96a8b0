using System.Net;
using System.Net.Sockets;
using Stolon.Cluster;
using Stolon.Hosting.Liveness;
using Stolon.Tests;

namespace Stolon.Integration.Liveness;

/// <summary>The port at which others find out whether a process lives.</summary>
public sealed class LivenessPortTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_says_in_one_line_who_answers_and_holds_the_connection()
    {
        using var port = Open();
        using var connection = await ConnectAsync(port);

        (await connection.ReadLineAsync(Cancel)).Should().Be("stolon liveness 1 keeper1 boot1\n");
        await HoldsAsync(port, 1);
    }

    [Fact]
    public async Task When_it_is_closed_who_is_connected_hears_it_and_is_refused_from_then_on()
    {
        var port = Open();
        using var connection = await ConnectAsync(port);
        await connection.ReadLineAsync(Cancel);
        var end = connection.EndsByPeerAsync(Cancel);
        end.IsCompleted.Should().BeFalse();

        port.Dispose();

        (await end).Should().BeTrue();
        (await AskAsync(port)).Should().Be(PortAnswer.Refused);
    }

    [Fact]
    public async Task Who_goes_is_not_kept()
    {
        using var port = Open();
        var connection = await ConnectAsync(port);
        await HoldsAsync(port, 1);

        connection.Dispose();

        await HoldsAsync(port, 0);
    }

    [Fact]
    public async Task Of_too_many_each_is_answered_and_none_refused()
    {
        using var port = Open();
        var crowd = new List<HeldConnection>();
        for (var n = 0; n < LivenessPort.MostHeld; n++)
        {
            crowd.Add(await ConnectAsync(port));
        }

        await HoldsAsync(port, LivenessPort.MostHeld);
        using var late = await ConnectAsync(port);

        (await late.ReadLineAsync(Cancel)).Should().StartWith("stolon liveness 1 ");
        (await late.EndsByPeerAsync(Cancel)).Should().BeTrue("it is not held");
        crowd.ForEach(connection => connection.Dispose());
        await HoldsAsync(port, 0);
    }

    [Fact, Trait("Rule", "S10")]
    public void A_port_that_is_taken_is_an_error_that_names_the_option()
    {
        using var port = Open();

        var open = () => Open(port.EndPoint.Port);

        open.Should().Throw<IOException>().WithMessage($"The liveness port {port.EndPoint.Port} cannot be had on address 127.0.0.1:*LivenessPort*");
    }

    [Fact]
    public void A_port_of_its_own_is_used_and_again_after_it_was_closed()
    {
        var number = FreePort.Next();
        Open(number).Dispose();
        using var port = Open(number);

        port.EndPoint.Port.Should().Be(number);
    }

    [Fact]
    public void Others_reach_it_at_the_host_that_was_given_or_at_the_address_that_faces_them()
    {
        using var port = LivenessPort.Open("*", 0, "p", "p", TimeProvider.System);

        port.AddressFor("db1.example", peer: null).Should().Be(new LivenessAddress("db1.example", port.EndPoint.Port));
        port.AddressFor("", new IPEndPoint(IPAddress.Loopback, 5432)).Should().Be(new LivenessAddress("127.0.0.1", port.EndPoint.Port));
        port.AddressFor("", peer: null).Should().Be(LivenessAddress.None);
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("localhost", false)]
    [InlineData("*", true)]
    [InlineData("127.0.0.1,10.0.0.1", true)]
    public void It_is_bound_where_it_is_asked_to(string listen, bool everywhere)
    {
        using var port = LivenessPort.Open(listen, 0, "p", "p", TimeProvider.System);

        (port.EndPoint.Address.Equals(IPAddress.IPv6Any) || port.EndPoint.Address.Equals(IPAddress.Any)).Should().Be(everywhere);
    }

    [Fact]
    public async Task A_host_that_says_nothing_is_silent_and_does_not_refuse()
    {
        // Its queue is full: the kernel drops what comes, as a cut network does.
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        var end = (IPEndPoint)full.LocalEndPoint!;
        var crowd = new List<Socket>();
        try
        {
            for (var n = 0; n < 4; n++)
            {
                var one = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                crowd.Add(one);
                _ = one.ConnectAsync(end, Cancel).AsTask();
            }

            await Hosting.Eventually.Holds(async () => await AskAsync(end.Port) is PortAnswer.Silent);
        }
        finally
        {
            crowd.ForEach(one => one.Dispose());
        }
    }

    private static LivenessPort Open(int number = 0) => LivenessPort.Open("127.0.0.1", number, "keeper1", "boot1", TimeProvider.System);

    private static async Task<HeldConnection> ConnectAsync(LivenessPort port) =>
        (await HeldConnection.ConnectAsync(new DnsEndPoint("127.0.0.1", port.EndPoint.Port), TimeProvider.System, Cancel)).Connection!;

    private static Task<PortAnswer> AskAsync(LivenessPort port) => AskAsync(port.EndPoint.Port);

    private static Task<PortAnswer> AskAsync(int port) => HeldConnection.AskAsync(new DnsEndPoint("127.0.0.1", port), TimeProvider.System, Cancel);

    private static Task HoldsAsync(LivenessPort port, int count) => Hosting.Eventually.Holds(() => port.Held == count);
}
