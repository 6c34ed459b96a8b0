using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Stolon.Aspire.Programs;

namespace Stolon.Aspire.Tests.Model;

/// <summary>What members are told.</summary>
public sealed class SettingsTests
{
    private readonly IDistributedApplicationBuilder builder = Apps.ToRun();

    [Fact]
    public async Task A_keeper_as_a_process_listens_where_it_says_and_on_this_machine_only()
    {
        builder.AddClusterOfProcesses();

        var variables = await builder.VariablesAsync("pg-keeper1");

        variables.Should().Contain("STKEEPER_CLUSTER_NAME", "pg").And.Contain("STKEEPER_UID", "keeper1")
            .And.Contain("STKEEPER_PG_LISTEN_ADDRESS", "127.0.0.1").And.Contain("STKEEPER_PG_SU_USERNAME", "postgres");
        var endpoint = builder.Resources.Single(resource => resource.Name == "pg-keeper1").Annotations.OfType<EndpointAnnotation>().Single(endpoint => endpoint.Name == "pg");
        endpoint.IsProxied.Should().BeFalse("the others replicate from the port that it advertises");
        variables["STKEEPER_PG_PORT"].Should().Be($"{endpoint.AllocatedEndpoint!.Port}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Passwords_go_by_the_environment_and_never_by_arguments(bool containers)
    {
        builder.Configuration["Parameters:secret"] = "su-3f6c";
        builder.Configuration["Parameters:other"] = "repl-9b1d";
        var cluster = (containers ? builder.AddClusterOfContainers() : builder.AddClusterOfProcesses())
            .WithPassword(builder.AddParameter("secret", secret: true)).WithReplicationPassword(builder.AddParameter("other", secret: true));

        (await builder.VariablesAsync("pg-keeper0")).Should().Contain("STKEEPER_PG_SU_PASSWORD", "su-3f6c").And.Contain("STKEEPER_PG_REPL_PASSWORD", "repl-9b1d");
        foreach (var member in cluster.Resource.Members)
        {
            (await member.GetArgumentValuesAsync()).Should().NotContain(argument => argument.Contains("3f6c", StringComparison.Ordinal) || argument.Contains("9b1d", StringComparison.Ordinal));
        }

        (await builder.VariablesAsync("pg-sentinel0")).Values.Should().NotContain(value => value.Contains("3f6c", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/opt/stolon/stolon", "/opt/stolon/stolon", "keeper")]
    [InlineData("/opt/stolon/stolon.dll", "dotnet", "/opt/stolon/stolon.dll keeper")]
    public async Task The_verb_is_all_that_a_member_gets_as_an_argument(string program, string command, string arguments)
    {
        builder.AddStolonCluster("pg", configure: options => (options.RunMode, options.ExecutablePath) = (StolonRunMode.Executables, program));
        var keeper = builder.Resources.OfType<StolonKeeperExecutableResource>().First();

        keeper.Command.Should().Be(command);
        string.Join(' ', await keeper.GetArgumentValuesAsync()).Should().Be(arguments);
    }

    [Fact]
    public async Task The_specification_is_typed_and_reaches_every_sentinel()
    {
        builder.AddClusterOfContainers().WithSentinels(2)
            .WithSynchronousReplication(min: 1, max: 2)
            .WithPgParameter("max_connections", "150").WithPgParameter("max_connections", "200").WithPgParameter("log_statement", "all")
            .WithClusterSpec(spec => spec.FailInterval = TimeSpan.FromSeconds(10)).WithClusterSpec(spec => spec.UsePgRewind = true);

        foreach (var sentinel in new[] { "pg-sentinel0", "pg-sentinel1" })
        {
            var spec = JsonNode.Parse((await builder.VariablesAsync(sentinel))["STSENTINEL_INITIAL_CLUSTER_SPEC"])!;
            ((string)spec["initMode"]!).Should().Be("new");
            ((string)spec["failInterval"]!).Should().Be("10s");
            ((bool)spec["usePgrewind"]!).Should().BeTrue();
            ((bool)spec["synchronousReplication"]!).Should().BeTrue();
            ((int)spec["maxSynchronousStandbys"]!).Should().Be(2);
            spec["pgParameters"]!.ToJsonString().Should().Be("""{"log_statement":"all","max_connections":"200"}""");
        }
    }

    [Fact]
    public async Task Three_nodes_of_etcd_know_one_another_and_members_know_all_three()
    {
        builder.AddClusterOfContainers().WithEtcd(nodes: 3);

        var node = await builder.VariablesAsync("pg-etcd1");

        node["ETCD_NAME"].Should().Be("pg-etcd1");
        node["ETCD_INITIAL_CLUSTER"].Split(',').Select(pair => pair.Split('=')[0]).Should().Equal("pg-etcd0", "pg-etcd1", "pg-etcd2");
        node["ETCD_INITIAL_CLUSTER"].Should().Contain($"pg-etcd1={node["ETCD_INITIAL_ADVERTISE_PEER_URLS"]}");
        (await builder.VariablesAsync("pg-proxy0"))["STPROXY_STORE_ENDPOINTS"].Split(',').Should().HaveCount(3).And.OnlyHaveUniqueItems();
    }

    [Fact]
    public void A_chosen_version_is_the_images_tag_also_of_members_that_come_later()
    {
        builder.AddClusterOfContainers().WithPostgresVersion("16").WithKeepers(3);

        foreach (var member in builder.Resources.OfType<StolonContainerResource>().Where(member => member.Role != StolonMemberRole.Store))
        {
            member.Annotations.OfType<ContainerImageAnnotation>().Single().Tag.Should().EndWith("-pg16");
        }
    }

    [Theory]
    [InlineData("12")]
    [InlineData("99")]
    [InlineData("latest")]
    public void A_version_that_there_is_not_is_refused(string version) =>
        FluentActions.Invoking(() => builder.AddClusterOfContainers().WithPostgresVersion(version)).Should().Throw<ArgumentException>().WithMessage($"*{version}*13 to 18*");

    [Fact]
    public void Data_lasts_in_a_volume_for_each_keeper_and_each_node_of_etcd()
    {
        builder.AddClusterOfContainers().WithDataVolume("orders").WithKeepers(3).WithDataVolume("orders");

        Mounts().Should().BeEquivalentTo(
            "orders-pg-etcd0:/var/lib/etcd", "orders-pg-keeper0:/var/lib/stolon", "orders-pg-keeper1:/var/lib/stolon", "orders-pg-keeper2:/var/lib/stolon");
    }

    [Fact]
    public void Data_lasts_in_folders_of_this_machine_where_one_is_named()
    {
        builder.AddClusterOfContainers().WithDataVolume().WithDataBindMount("data");

        var folder = Path.Combine(builder.AppHostDirectory, "data");
        Mounts().Should().BeEquivalentTo($"{folder}/pg-etcd0:/var/lib/etcd", $"{folder}/pg-keeper0:/var/lib/stolon", $"{folder}/pg-keeper1:/var/lib/stolon");
    }

    [Fact]
    public async Task A_keeper_whose_data_is_in_a_folder_of_this_machine_runs_as_the_folders_user()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "users have no numbers there");
        var cluster = builder.AddClusterOfContainers().WithDataVolume();
        (await RuntimeArgumentsAsync("pg-keeper0")).Should().BeEmpty("a volume is the image's user's");

        cluster.WithDataBindMount("data").WithKeepers(3);

        (await RuntimeArgumentsAsync("pg-keeper2")).Should().Equal("--user", ThisUser.Numbers);
        ThisUser.Numbers.Should().MatchRegex("^[0-9]+:[0-9]+$");
        (await RuntimeArgumentsAsync("pg-etcd0")).Should().BeEmpty();
    }

    [Fact]
    public async Task Processes_keep_store_and_data_in_one_place()
    {
        builder.AddClusterOfProcesses().WithDataBindMount("data");

        (await builder.VariablesAsync("pg-keeper0"))["STKEEPER_DATA_DIR"].Should().Be(Path.Combine(builder.AppHostDirectory, "data", "pg-keeper0"));
    }

    private async Task<string[]> RuntimeArgumentsAsync(string name)
    {
        var given = new List<object>();
        foreach (var annotation in builder.Resources.Single(resource => resource.Name == name).Annotations.OfType<ContainerRuntimeArgsCallbackAnnotation>())
        {
            await annotation.Callback(new ContainerRuntimeArgsCallbackContext(given, TestContext.Current.CancellationToken));
        }

        return [.. given.Cast<string>()];
    }

    private IEnumerable<string> Mounts() => builder.Resources.SelectMany(resource => resource.Annotations.OfType<ContainerMountAnnotation>())
        .Select(mount => $"{mount.Source}:{mount.Target}");
}
