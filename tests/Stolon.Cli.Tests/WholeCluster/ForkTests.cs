namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>What happens to a standby that has more than the elected one.</summary>
public sealed class ForkTests(EtcdOfTests etcd) : IClassFixture<EtcdOfTests>
{
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
}
