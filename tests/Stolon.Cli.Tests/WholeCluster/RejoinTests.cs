namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>How one comes back that has rows which the elected primary does not have.</summary>
public sealed class RejoinTests(EtcdOfTests etcd) : IClassFixture<EtcdOfTests>
{
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

    [Theory, Trait("Rule", "P3"), Trait("Rule", "P4"), Trait("Rule", "N15"), Trait("Rule", "R3"), Trait("Rule", "S2")]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task A_standby_that_was_ahead_of_the_elected_one_loses_its_own_rows_and_follows_it(bool synchronous, bool usePgRewind)
    {
        await using var cluster = await StolonCluster.StartAsync(
            etcd.Server, $"fork_{synchronous}_{usePgRewind}", $""" "initMode": "new", {Synchronous.Spec(synchronous)}, {Rewind.Spec(usePgRewind)} """);
        await Synchronous.ReadyAsync(cluster, synchronous);
        var (old, next) = (await cluster.PrimaryAsync(), (await cluster.StandbysAsync())[0]);
        const int ahead = 3;
        cluster.StartKeeper(ahead, more: ["--can-be-master=false", "--can-be-synchronous-replica=false"]);
        await cluster.ReliableAsync(3);
        await cluster.StandbysFollowAsync(2);
        await cluster.AskAsync("create table t as select 'all' as who");
        await cluster.AnswersAsync(next, "select count(*) from t", "1");
        await cluster.FreezeSenderAsync(old, next);
        await Rewind.WriteAloneAsync(cluster, old, "insert into t values ('old alone')");
        await cluster.AnswersAsync(ahead, "select string_agg(who, ',' order by who) from t", "all,old alone");
        var before = await cluster.DbOfAsync(ahead);

        await cluster.KillAsync($"keeper{old}");

        await cluster.ElectedAsync(next);
        await cluster.UntilAsync(async () => await cluster.DbOfAsync(ahead) is { Length: > 0 } db && db != before, "its keeper gets another db");
        cluster.StartKeeper(old);
        await cluster.StandbysFollowAsync(2);
        await cluster.WritableAsync();
        foreach (var keeper in new[] { old, next, ahead })
        {
            await cluster.AnswersAsync(keeper, "select string_agg(who, ',' order by who) from t", "all");
        }

        cluster.SaidBy(ahead).Should().Contain(Rewind.Words(usePgRewind));
    }

    /// <summary>The same with pg_rewind and without.</summary>
    private static class Rewind
    {
        public static string Spec(bool isUsed) => $""" "usePgrewind": {(isUsed ? "true" : "false")} """;

        /// <summary>What the keeper says when it is done.</summary>
        public static string Words(bool isUsed) => isUsed ? "is rewound by pg_rewind" : "The copy of";

        /// <summary>A row that no synchronous standby has, and that no client was told of.</summary>
        public static Task<string> WriteAloneAsync(StolonCluster cluster, int keeper, string statement) =>
            cluster.AskKeeperAsync(keeper, $"set synchronous_commit = local; {statement}");
    }
}
