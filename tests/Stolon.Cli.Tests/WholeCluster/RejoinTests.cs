using System.Text.Json.Nodes;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>How an old primary comes back, whose rows the new one does not have.</summary>
public sealed class RejoinTests(EtcdOfTests etcd) : IClassFixture<EtcdOfTests>
{
    [Fact, Trait("Rule", "Q4"), Trait("Rule", "A5")]
    public async Task The_status_shows_how_far_a_running_copy_is()
    {
        await using var cluster = await StolonCluster.StartAsync(etcd.Server, "progress", """ "initMode": "new" """, keepers: 1);
        await cluster.WritableAsync();

        // More than 20 MB: it takes its time.
        cluster.StartKeeper(2, more: ["--copy-max-rate", "1"]);

        var (text, json) = ("", new JsonArray());
        await cluster.UntilAsync(
            async () =>
            {
                var shown = cluster.CtlAsync("status");
                json = (await cluster.StatusAsync())["keepers"]!.AsArray();
                text = (await shown).Out;
                return json is [_, { } second] && (long?)second["copied_bytes"] > 0 && text.Contains("=== Copies ===", StringComparison.Ordinal)
                    && text.Contains(" MB (", StringComparison.Ordinal);
            },
            "a copy is seen");
        text.Should().MatchRegex(@"=== Copies ===\n\nkeeper2: copying [\d.]+ [kM]B of \d\d\.\d MB \(\d+ %\)");
        ((long)json[1]!["copied_bytes"]!).Should().BeLessThan((long)json[1]!["copy_total_bytes"]!);
    }

    [Theory, Trait("Rule", "R2"), Trait("Rule", "R3"), Trait("Rule", "R5")]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task An_old_primary_with_rows_of_its_own_comes_back_as_a_standby_without_them(bool synchronous, bool usePgRewind)
    {
        await using var cluster = await StolonCluster.StartAsync(
            etcd.Server, $"rejoin_{synchronous}_{usePgRewind}", $""" "initMode": "new", {Synchronous.Spec(synchronous)}, {Rewind.Spec(usePgRewind)} """);
        await Synchronous.ReadyAsync(cluster, synchronous);
        await cluster.AskAsync("create table t as select 'both' as who");
        var (old, next) = (await cluster.PrimaryAsync(), (await cluster.StandbysAsync())[0]);
        await cluster.AnswersAsync(next, "select count(*) from t", "1");
        await cluster.FreezeSenderAsync(old, next);
        await Rewind.WriteAloneAsync(cluster, old, "insert into t values ('old alone')");
        await cluster.KillAsync($"keeper{old}");
        await cluster.ElectedAsync(next);
        var write = cluster.UntilAsync(async () => await cluster.AskAsync("insert into t values ('next alone') returning 1") == "1", "the new primary takes writes");

        cluster.StartKeeper(old);

        await write;
        await cluster.StandbysFollowAsync(1);
        await cluster.AnswersAsync(old, "select string_agg(distinct who, ',' order by who) from t", "both,next alone");
        cluster.SaidBy(old).Should().Contain(Rewind.Words(usePgRewind));
    }
}
