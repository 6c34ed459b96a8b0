namespace Stolon.Integration.Proxy;

/// <summary>What a proxy tells the sentinels, and in which order it cuts, acknowledges and routes (X2, X5, S1).</summary>
public sealed class HandshakeTests
{
    [Fact]
    [Trait("Rule", "X2")]
    [Trait("Rule", "X4")]
    [Trait("Rule", "Q27")]
    public async Task A_report_says_what_the_proxy_obeys_and_is_new_each_time()
    {
        using var primary = new EchoServer();
        await using var proxy = await RunningProxy.ToAsync(primary);
        await Eventually.TrueAsync(() => proxy.Store.Published.Count > 2, "a report at each check");

        var reports = proxy.Store.Published.ToArray();
        reports.Should().OnlyContain(report => report.Uid == proxy.Service.Id);
        reports.Should().OnlyContain(report => report.Generation == 1 && report.ProxyTimeout == proxy.Timeout);
        reports.Should().OnlyContain(report => report.DeadlineFromStart && report.ListenAddress == proxy.EndPoint.ToString());
        reports.Select(report => report.InfoUid).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    [Trait("Rule", "X5")]
    [Trait("Rule", "S1")]
    public async Task Every_client_is_cut_before_the_new_generation_is_acknowledged()
    {
        using var primary = new EchoServer();
        await using var proxy = await RunningProxy.ToAsync(primary);
        using var client = await proxy.ConnectAsync();
        await client.EchoAsync("ping");
        var seen = new TaskCompletionSource<(End End, int Connections)>();
        proxy.Store.OnPublish = (report, _) =>
        {
            if (report is { Generation: 2, Closed: false })
            {
                seen.TrySetResult((client.Look(), proxy.Service.Status.Connections));
            }

            return Task.CompletedTask;
        };

        proxy.Close(2);

        (await seen.Task.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken)).Should().Be((End.Reset, 0));
        using var late = await proxy.ConnectAsync();
        (await late.EndAsync()).Should().NotBe(End.None);
        primary.Accepted.Should().Be(1);
    }

    [Fact]
    [Trait("Rule", "X5")]
    [Trait("Rule", "S1")]
    public async Task A_new_primary_is_used_only_after_the_publication_succeeded()
    {
        using var primary = new EchoServer();
        using var next = new EchoServer();
        await using var proxy = await RunningProxy.ToAsync(primary);
        using var client = await proxy.ConnectAsync();
        await client.EchoAsync("ping");
        proxy.Store.OnPublish = (report, _) => report.Generation == 3 ? ScriptedStore.FailAsync() : Task.CompletedTask;

        proxy.RouteTo(next, 3, "db2");

        (await client.EndAsync()).Should().Be(End.Reset);
        var reads = proxy.Store.Reads;
        await Eventually.TrueAsync(() => proxy.Store.Reads > reads + 1, "another check");
        proxy.Service.Status.Destination.Should().BeNull();
        next.Accepted.Should().Be(0);

        proxy.Store.OnPublish = (_, _) => Task.CompletedTask;
        await proxy.RoutesToAsync(next);
        using var second = await proxy.ConnectAsync();
        (await second.EchoAsync("ping")).Should().Be("ping");
        (primary.Accepted, next.Accepted).Should().Be((1, 1));
    }

    [Fact]
    [Trait("Rule", "X5")]
    [Trait("Rule", "X2")]
    public async Task A_proxy_that_is_not_listed_turns_clients_away_but_makes_itself_known()
    {
        using var primary = new EchoServer();
        await using var proxy = new RunningProxy();
        proxy.Store.Document = Documents.Routed(4, primary.EndPoint, new("stranger"), proxy.Timeout);
        await proxy.StartAsync();

        await Eventually.TrueAsync(() => proxy.Store.LastReport is { Generation: 4 }, "a report");
        using var client = await proxy.ConnectAsync();

        (await client.EndAsync()).Should().NotBe(End.None);
        primary.Accepted.Should().Be(0);
        proxy.Service.Status.Explanation.Should().Contain("does not list proxy");
    }

    [Fact]
    [Trait("Rule", "X5")]
    [Trait("Rule", "S1")]
    public async Task After_a_silence_a_document_read_before_the_first_report_is_not_forwarded_on()
    {
        using var primary = new EchoServer();
        using var next = new EchoServer();
        await using var proxy = new RunningProxy();
        var published = new TaskCompletionSource();
        proxy.Store.OnPublish = (_, _) => published.Task;
        proxy.RouteTo(primary, 1);
        await proxy.StartAsync();
        await Eventually.TrueAsync(() => proxy.Store.Reads > 0, "the first read");

        // Nobody knew of the proxy when it read, so nobody waited for it: the primary changed in between.
        proxy.RouteTo(next, 3, "db2");
        published.SetResult();

        await proxy.RoutesToAsync(next);
        proxy.Log.Should().NotContain(line => line.Contains($"{primary.EndPoint};"), "no client was ever sent to the former primary");
    }

    [Fact]
    [Trait("Rule", "X2")]
    [Trait("Rule", "S10")]
    public async Task A_document_that_cannot_be_understood_cuts_every_client_and_is_said_once()
    {
        using var primary = new EchoServer();
        await using var proxy = await RunningProxy.ToAsync(primary);
        using var client = await proxy.ConnectAsync();
        await client.EchoAsync("ping");

        proxy.Store.OnRead = _ => throw new Cluster.ClusterDataException("$.formatVersion: expected 1, found 2");

        (await client.EndAsync()).Should().Be(End.Reset);
        var reads = proxy.Store.Reads;
        await Eventually.TrueAsync(() => proxy.Store.Reads > reads + 2, "further checks");
        proxy.Log.Count(line => line.StartsWith("3012 ", StringComparison.Ordinal)).Should().Be(1);
        proxy.Service.Status.Destination.Should().BeNull();
    }

    [Fact]
    [Trait("Rule", "X2")]
    public async Task Host_names_are_resolved_and_an_unknown_one_turns_clients_away_without_a_report()
    {
        using var primary = new EchoServer();
        await using var proxy = new RunningProxy();
        proxy.Store.Document = Documents.Routed(1, primary.EndPoint, proxy.Service.Id, proxy.Timeout, host: "localhost");
        await proxy.StartAsync();
        await proxy.RoutesToAsync(primary);

        proxy.Store.Document = Documents.Routed(2, primary.EndPoint, proxy.Service.Id, proxy.Timeout, host: "no such host");

        await Eventually.TrueAsync(() => proxy.Service.Status.Explanation.Contains("cannot be used"), "the reason");
        proxy.Service.Status.Destination.Should().BeNull();
        proxy.Store.LastReport!.Generation.Should().Be(1);
    }

    [Fact]
    [Trait("Rule", "X5")]
    public async Task A_new_generation_with_the_same_primary_cuts_nobody()
    {
        using var primary = new EchoServer();
        await using var proxy = await RunningProxy.ToAsync(primary);
        using var client = await proxy.ConnectAsync();
        await client.EchoAsync("ping");

        proxy.RouteTo(primary, 2);

        await Eventually.TrueAsync(() => proxy.Store.LastReport is { Generation: 2 }, "the acknowledgement");
        (await client.EchoAsync("pong")).Should().Be("pong");
    }

    [Fact]
    [Trait("Rule", "S12")]
    public async Task A_clean_stop_cuts_the_clients_before_it_says_that_it_has_closed()
    {
        using var primary = new EchoServer();
        var proxy = await RunningProxy.ToAsync(primary);
        using var client = await proxy.ConnectAsync();
        await client.EchoAsync("ping");

        await proxy.DisposeAsync();

        (await client.EndAsync()).Should().Be(End.Reset);
        proxy.Store.LastReport!.Closed.Should().BeTrue();
        proxy.Service.ListeningOn.Should().BeNull();
    }

    [Fact]
    [Trait("Rule", "S10")]
    public async Task A_taken_port_fails_the_start_and_names_address_port_and_remedy()
    {
        using var primary = new EchoServer();
        await using var first = await RunningProxy.ToAsync(primary);
        await using var second = new RunningProxy(configure: options => options.Port = first.EndPoint.Port);

        var problem = (await second.Invoking(proxy => proxy.StartAsync()).Should().ThrowAsync<IOException>()).Which;

        problem.Message.Should().Contain("127.0.0.1").And.Contain($"{first.EndPoint.Port}").And.Contain("another Port");
    }
}
