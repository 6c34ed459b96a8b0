using System.Text.Json;
using System.Text.Json.Nodes;
using Stolon.Cluster;
using Stolon.Planning;

namespace Stolon.Core.Tests.Planning;

/// <summary>Questions to the planner: what it would do, and who would be next.</summary>
public sealed class WhatIfTests
{
    private static readonly string Samples = Path.Combine(AppContext.BaseDirectory, "Samples");
    private static readonly ClusterData Sample = ClusterJson.ReadClusterData(File.ReadAllBytes(Path.Combine(Samples, "clusterdata.json")));
    private static readonly KeeperReport Report = ClusterJson.ReadKeeperReport(File.ReadAllBytes(Path.Combine(Samples, "keeper-info.json")));

    [Fact]
    public void Nothing_happens_to_a_cluster_that_is_well()
    {
        var answer = WhatIf.Ask(new WhatIfQuestion { Data = Sample });

        answer.Next.Cluster.Status.Primary.Should().Be(new DbId("02c0357b"));
        answer.Reasons.Should().BeEmpty("the proxies that the document has enabled are taken to be there");
        answer.IsWritten.Should().BeFalse();
    }

    [Fact]
    public void Proxies_that_are_said_not_to_be_there_are_taken_out_of_service()
    {
        var answer = WhatIf.Ask(new WhatIfQuestion { Data = Sample, Proxies = [] });

        Sample.Proxy.Spec.EnabledProxies.Should().NotBeEmpty();
        answer.Next.Proxy.Spec.EnabledProxies.Should().BeEmpty();
    }

    [Fact]
    public void The_time_of_a_question_is_that_of_its_document_unless_it_names_one()
    {
        var at = new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);
        var question = new WhatIfQuestion { Data = With(Sample, "keeper3", isHealthy: false) };

        WhatIf.Ask(question).Next.ChangeTime.ToDateTimeOffset().Should().Be(Sample.ChangeTime.ToDateTimeOffset());
        WhatIf.Ask(question with { Now = at }).Next.ChangeTime.ToDateTimeOffset().Should().Be(at);
    }

    [Fact]
    public void Reports_are_settled_so_that_one_pass_is_enough()
    {
        var answer = WhatIf.Ask(new WhatIfQuestion { Data = Sample, Keepers = [Of("keeper1", "1006c5d6"), Of("keeper2", "11c0fe7b")] });

        answer.Next.Cluster.Status.Primary.Should().Be(new DbId("1006c5d6"));
        answer.IsWritten.Should().BeTrue();
    }

    [Fact]
    public void Reports_of_another_cluster_say_nothing()
    {
        var foreign = Of("keeper3", "02c0357b") with { ClusterUid = "ffffffff" };

        WhatIf.Ask(new WhatIfQuestion { Data = Sample, Keepers = [foreign, Of("keeper1", "1006c5d6")] }).Next.Cluster.Status.Primary.Should().Be(new DbId("1006c5d6"));
    }

    [Fact]
    public void An_id_that_the_document_has_is_not_used_again()
    {
        var data = Sample with { Databases = Sample.Databases.Without(new("11c0fe7b")).With(new("00000001"), Sample.Databases[new("11c0fe7b")] with { Uid = new("00000001") }) };
        data = data with { Keepers = data.Keepers.With(new("keeper4"), data.Keepers[new("keeper1")] with { Uid = new("keeper4") }) };

        var created = WhatIf.Ask(new WhatIfQuestion { Data = data }).Reasons.OfType<Reason.StandbyCreated>().Single();

        created.Db.Should().Be(new DbId("00000002"));
        created.Keeper.Should().Be(new KeeperId("keeper4"));
    }

    [Fact]
    public void A_document_that_no_sentinel_would_plan_on_is_refused()
    {
        var ask = () => WhatIf.Ask(new WhatIfQuestion { Data = Sample with { Cluster = Sample.Cluster with { Spec = new ClusterSpec() } } });

        ask.Should().Throw<ClusterDataException>().WithMessage("*$.initMode*");
    }

    [Fact]
    public void An_answer_is_written_with_its_reasons_and_null_for_never()
    {
        var json = JsonNode.Parse(WhatIfJson.Write(new WhatIfAnswer(Sample, [new Reason.ProxiesClosed()], null, true)))!.AsObject();

        json.Select(member => member.Key).Should().Equal("clusterData", "reasons", "wakeAt");
        json["wakeAt"].Should().BeNull();
        json["reasons"]![0]!.ToJsonString().Should().Be("""{"kind":"ProxiesClosed","text":"Proxies close their clients until the new primary is ready.","change":true}""");
        ClusterJson.ReadClusterData(JsonSerializer.SerializeToUtf8Bytes(json["clusterData"])).Should().Be(Sample);
    }

    [Fact, Trait("Rule", "N4")]
    public void The_next_primary_is_the_one_that_would_be_elected()
    {
        var data = Sample with { Databases = Sample.Databases.With(new("11c0fe7b"), At(Sample.Databases[new("11c0fe7b")], 67343423)) };

        var explanation = PrimaryExplanation.Of(new WhatIfQuestion { Data = data });

        explanation.Primary!.Uid.Should().Be(new DbId("02c0357b"));
        explanation.State.Should().Contain("a primary that is well stays (N3)");
        explanation.Successors.Should().Equal(new Successor(new("1006c5d6"), new("keeper1"), 0), new Successor(new("11c0fe7b"), new("keeper2"), 1));
        explanation.Excluded.Should().BeEmpty();
        var lost = WhatIf.Ask(new WhatIfQuestion { Data = With(data, "keeper3", isHealthy: false) with { Databases = data.Databases.With(new("02c0357b"), Ill(data.Databases[new("02c0357b")])) } });
        lost.Next.Cluster.Status.Primary.Should().Be(explanation.Successors[0].Db);
    }

    [Fact, Trait("Rule", "P11")]
    public void Those_who_cannot_be_primary_say_why_not()
    {
        var data = With(Sample, "keeper1", isHealthy: false);
        data = data with { Keepers = data.Keepers.With(new("keeper4"), data.Keepers[new("keeper2")] with { Uid = new("keeper4") }) };

        var explanation = PrimaryExplanation.Of(new WhatIfQuestion { Data = data });

        explanation.Excluded.Should().Equal(
            new ExcludedKeeper(new("keeper1"), new("1006c5d6"), "O7", "its keeper keeper1 is not heard"),
            new ExcludedKeeper(new("keeper4"), null, "P10", "it has no copy of the data"));
    }

    [Fact, Trait("Rule", "N3")]
    public void A_primary_that_failed_says_how()
    {
        var data = Sample with { Databases = Sample.Databases.With(new("02c0357b"), Ill(Sample.Databases[new("02c0357b")])) };

        PrimaryExplanation.Of(new WhatIfQuestion { Data = data }).State.Should().Be("It has failed: its PostgreSQL was not healthy for longer than failInterval (N3).");
    }

    [Fact, Trait("Rule", "M10")]
    public void A_specification_with_its_defaults_is_stolons()
    {
        var stolons = JsonNode.Parse(File.ReadAllText(Path.Combine(Samples, "spec-defaults.json")))!;

        var ours = JsonNode.Parse(ClusterJson.Write(Sample.Cluster.Spec.WithDefaults()))!.AsObject();

        ours.Remove("defaultAuthMethod");
        ours.Remove("failOnRefusal");
        JsonNode.DeepEquals(ours, stolons).Should().BeTrue(ours.ToJsonString());
    }

    private static KeeperReport Of(string keeper, string db) =>
        Report with { Uid = new(keeper), PostgresState = Report.PostgresState! with { Uid = new(db), Generation = 2 } };

    private static Database At(Database db, ulong position) => db with { Status = db.Status with { XLogPos = new Lsn(position) } };

    private static Database Ill(Database db) => db with { Status = db.Status with { Healthy = false } };

    private static ClusterData With(ClusterData data, string keeper, bool isHealthy)
    {
        var record = data.Keepers[new(keeper)];
        return data with { Keepers = data.Keepers.With(record.Uid, record with { Status = record.Status with { Healthy = isHealthy } }) };
    }
}
