using System.Text;
using System.Text.Json.Nodes;
using Stolon.Cluster;

namespace Stolon.Core.Tests.Cluster;

public class JsonRoundTripTests
{
    /// <summary>Objects whose members are data, not fields.</summary>
    private static readonly string[] Maps = ["keepers", "dbs"];
    private static readonly string[] TextMaps = ["pgParameters", "InitPGParameters"];

    public static TheoryData<string> SampleNames => Samples.Names;

    [Fact]
    [Trait("Rule", "M13")]
    public void No_sample_is_left_out() =>
        Directory.GetFiles(Samples.Folder, "*.json").Select(Path.GetFileName).Should().BeEquivalentTo(Samples.All);

    [Theory]
    [MemberData(nameof(SampleNames))]
    [Trait("Rule", "M13")]
    public void What_stolon_wrote_is_written_back_as_it_was(string name) =>
        Samples.RoundTrip(name, Samples.Read(name)).ShouldBeTheSameJson(Samples.Read(name));

    [Theory]
    [MemberData(nameof(SampleNames))]
    [Trait("Rule", "M1")]
    [Trait("Rule", "M13")]
    public void Unknown_fields_are_kept_at_every_level(string name)
    {
        var json = Samples.Read(name);
        foreach (var at in Objects(json, "").ToList())
        {
            AddUnknown(at);
        }

        Samples.RoundTrip(name, json).ShouldBeTheSameJson(json);
    }

    [Theory]
    [MemberData(nameof(SampleNames))]
    [Trait("Rule", "M13")]
    public void What_is_read_twice_is_equal(string name)
    {
        var once = Samples.RoundTrip(name, Samples.Read(name));

        Samples.RoundTrip(name, once).ToJsonString().Should().Be(once.ToJsonString());
    }

    [Theory]
    [InlineData("""{"infoUID":"a","uid":"k","canBeMaster":null,"postgresState":null,"postgresBinaryVersion":{"Maj":0,"Min":0}}""")]
    [InlineData("""{"infoUID":"a","uid":"k","postgresState":{"healthy":false,"synchronousStandbys":null,"timelineID":0},"postgresBinaryVersion":{}}""")]
    [InlineData("""{"infoUID":"a","uid":"k","trouble":"","seenRevision":0,"postgresBinaryVersion":{},"foreignData":{"lsn":0}}""")]
    [InlineData("""{"infoUID":"a","uid":"k","postgresBinaryVersion":{"Maj":0,"Min":0},"livenessAddress":"","probes":[]}""")]
    public void Members_that_say_nothing_are_kept_too(string text)
    {
        var written = ClusterJson.Write(ClusterJson.ReadKeeperReport(Encoding.UTF8.GetBytes(text)));

        JsonNode.Parse(written)!.ShouldBeTheSameJson(JsonNode.Parse(text)!);
    }

    [Fact]
    [Trait("Rule", "M13")]
    public void What_an_observer_found_is_written_with_ages_and_read_again()
    {
        const string Found = """
            {"infoUID":"a","uid":"k","postgresBinaryVersion":{"Maj":15,"Min":18},"livenessAddress":"[fd00::1]:7000","probes":[
              {"uid":"k2","infoUID":"b","bootUUID":"c","connectedAgo":"150ms","firstRefusedAgo":"140ms","lastRefusedAgo":"0s","more":1},
              {"uid":"0a1b2c3d","proxy":true,"infoUID":"d","bootUUID":"0a1b2c3d","connectedAgo":"2s","firstRefusedAgo":"1.5s","lastRefusedAgo":"1.4s"}]}
            """;

        var report = ClusterJson.ReadKeeperReport(Encoding.UTF8.GetBytes(Found));

        report.LivenessAddress.Should().Be(new LivenessAddress("fd00::1", 7000));
        report.Probes[0].Should().BeEquivalentTo(new { Uid = "k2", IsProxy = false, BootUuid = "c", FirstRefusedAgo = TimeSpan.FromMilliseconds(140) });
        report.Probes[1].IsProxy.Should().BeTrue();
        JsonNode.Parse(ClusterJson.Write(report))!.ShouldBeTheSameJson(JsonNode.Parse(Found)!);
    }

    [Theory]
    [InlineData("10.0.0.1:7000", "10.0.0.1", 7000)]
    [InlineData("host:1", "host", 1)]
    [InlineData("[::1]:65535", "::1", 65535)]
    [InlineData("10.0.0.1", "", 0)]
    [InlineData(":7000", "", 0)]
    [InlineData("host:0", "", 0)]
    [InlineData("host:65536", "", 0)]
    [InlineData("host:+1", "", 0)]
    [InlineData("", "", 0)]
    public void A_liveness_address_is_host_and_port_and_what_cannot_be_read_is_none(string text, string host, int port)
    {
        LivenessAddress.Parse(text).Should().Be(new LivenessAddress(host, port));
        new LivenessAddress(host, port).ToString().Should().Be(port == 0 ? "" : text);
    }

    [Fact]
    public void A_keeper_that_failed_more_often_than_can_be_said_is_still_understood()
    {
        var report = new KeeperReport
        {
            InfoUid = "a",
            Uid = new("k"),
            PostgresBinaryVersion = new BinaryVersion(15, 18),
            PostgresState = new PostgresState { FailedStarts = 70_000, FailedResyncs = 65_536 },
        };

        var read = ClusterJson.ReadKeeperReport(ClusterJson.Write(report));

        read.PostgresState!.FailedStarts.Should().Be(65_535, "an unreadable report would stop every decision");
        read.PostgresState.FailedResyncs.Should().Be(65_535);
    }

    [Fact]
    public void A_proxys_liveness_address_is_written_and_read_again()
    {
        var report = new ProxyReport { InfoUid = "a", Uid = new("b"), LivenessAddress = new("10.0.0.1", 7000) };

        ClusterJson.ReadProxyReport(ClusterJson.Write(report)).Should().Be(report);
    }

    [Fact]
    public void A_member_that_said_nothing_gives_way_to_a_value()
    {
        var report = ClusterJson.ReadKeeperReport("""{"infoUID":"a","uid":"k","canBeMaster":null,"trouble":""}"""u8.ToArray());

        var written = JsonNode.Parse(ClusterJson.Write(report with { CanBePrimary = false, Trouble = "no space" }))!;

        written["canBeMaster"]!.GetValue<bool>().Should().BeFalse();
        written["trouble"]!.GetValue<string>().Should().Be("no space");
    }

    [Fact]
    [Trait("Rule", "M13")]
    public void The_names_that_are_traps_are_read_as_meant()
    {
        var data = ClusterJson.ReadClusterData(File.ReadAllBytes(Path.Combine(Samples.Folder, "clusterdata.json")));
        var proxy = ClusterJson.ReadProxyReport(File.ReadAllBytes(Path.Combine(Samples.Folder, "proxy-info.json")));

        data.Primary!.Status.SystemId.Should().Be("7711382956817289303");
        data.Primary.Spec.Role.Should().Be(Role.Primary);
        data.Proxy.Spec.PrimaryDb.Should().Be(data.Primary.Uid);
        data.Keepers.Values.First().Status.PostgresBinaryVersion.Should().Be(new BinaryVersion(15, 18));
        proxy.ProxyTimeout.Should().Be(TimeSpan.FromSeconds(15));
    }

    [Fact]
    public void A_status_of_ours_says_more_and_is_otherwise_stolons()
    {
        var status = new ClusterStatusView { PrimaryAvailable = false, Troubles = ["no primary"], Warnings = ["no standby"] };

        JsonNode.Parse(ClusterJson.Write(status))!.ShouldBeTheSameJson(JsonNode.Parse(
            """
            {"sentinels":[],"proxies":[],"keepers":[],
             "cluster":{"available":false,"master_keeper_uid":"","master_db_uid":""},
             "primary_available":false,"troubles":["no primary"],"warnings":["no standby"]}
            """)!);
    }

    [Fact]
    public void A_keeper_that_copies_says_how_far_it_is_in_members_of_ours()
    {
        var keeper = new KeeperStatusView { Uid = new KeeperId("k2"), CopiedBytes = 0, CopyTotalBytes = 4096, CopyStalledFor = TimeSpan.FromSeconds(12) };
        var json = ClusterJson.Write(new ClusterStatusView { Keepers = [keeper] });

        JsonNode.Parse(json)!["keepers"]![0]!.ShouldBeTheSameJson(JsonNode.Parse(
            """
            {"uid":"k2","listen_address":"","healthy":false,"pg_healthy":false,"pg_wanted_generation":0,"pg_current_generation":0,
             "copied_bytes":0,"copy_total_bytes":4096,"copy_stalled_for":"12s"}
            """)!);
        ClusterJson.ReadStatus(json).Keepers.Should().Equal(keeper);
    }

    [Fact]
    [Trait("Rule", "K4")]
    public void Fresh_state_files_have_every_member_of_stolons()
    {
        Encoding.UTF8.GetString(ClusterJson.Write(new KeeperState())).Should().Be("""{"UID":"","ClusterUID":""}""");
        Encoding.UTF8.GetString(ClusterJson.Write(new DbState())).Should()
            .Be("""{"UID":"","Generation":0,"Initializing":false,"InitPGParameters":{}}""");
    }

    private static void AddUnknown((JsonObject Json, string Name) at)
    {
        if (TextMaps.Contains(at.Name))
        {
            at.Json["zz.unknown"] = "on";
        }
        else if (!Maps.Contains(at.Name))
        {
            at.Json["zzUnknown"] = JsonNode.Parse("""{"deep":[1,null,{"deeper":"ü\u0000 \"quoted\""}],"big":12345678901234567890,"real":1.50}""");
            at.Json["zzNull"] = null;
        }
    }

    private static IEnumerable<(JsonObject Json, string Name)> Objects(JsonNode? node, string name) => node switch
    {
        JsonObject json => json.ToList().SelectMany(member => Objects(member.Value, member.Key)).Append((json, name)),
        JsonArray list => list.SelectMany(item => Objects(item, name + "[]")),
        _ => [],
    };
}
