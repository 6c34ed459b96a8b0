using Stolon.Hosting.Stores;
using Stolon.Hosting.Time;
using Stolon.Storage;

namespace Stolon.Stores.Tests;

/// <summary>What every store must do; each kind of store inherits these tests, and says how it is opened.</summary>
public abstract partial class StoreConformance : IAsyncDisposable
{
    /// <summary>Leadership that does not make the tests wait.</summary>
    internal static readonly LeadershipTimes Quick =
        new(TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(0.3), TimeSpan.FromSeconds(0.4));

    private protected static readonly TimeSpan Ttl = TimeSpan.FromSeconds(30);

    protected static CancellationToken None => CancellationToken.None;

    /// <summary>Opens another door to the same content.</summary>
    internal abstract IClusterStore Open(TimeProvider time);

    /// <summary>Puts a document into the store that no program of ours would write.</summary>
    internal abstract Task PutRawDocumentAsync(string json);

    /// <summary>Replaces a report by something that no program of ours would write.</summary>
    internal abstract Task PutRawReportAsync(string uid, string json);

    public abstract ValueTask DisposeAsync();

    [Fact, Trait("Rule", "ST2")]
    public async Task An_empty_store_holds_no_document()
    {
        (await Open().ReadAsync(None)).Should().BeNull();
        (await Open().ReadHistoryAsync(None)).Should().BeEmpty();
        (await Open().ListReportsAsync(None)).Keepers.Should().BeEmpty();
    }

    [Fact, Trait("Rule", "ST2")]
    public async Task A_document_is_made_only_if_there_is_none()
    {
        var store = Open();

        (await store.TryWriteAsync(A.Document(1), expected: null, A.NoDecisions, None)).Should().BeTrue();
        (await Open().TryWriteAsync(A.Document(2), expected: null, A.NoDecisions, None)).Should().BeFalse();

        (await store.ReadAsync(None))!.Data.Revision.Should().Be(1);
    }

    [Fact, Trait("Rule", "ST2")]
    public async Task A_document_is_replaced_only_by_who_read_the_latest()
    {
        var (one, two) = (Open(), Open());
        await one.OverwriteAsync(A.Document(1), A.NoDecisions, None);
        var read = (await two.ReadAsync(None))!;

        (await one.TryWriteAsync(A.Document(2), read.Version, A.NoDecisions, None)).Should().BeTrue();
        (await two.TryWriteAsync(A.Document(3), read.Version, A.NoDecisions, None)).Should().BeFalse();

        (await two.ReadAsync(None))!.Data.Revision.Should().Be(2);
    }

    [Fact, Trait("Rule", "ST2")]
    public async Task A_version_of_no_document_writes_nothing()
    {
        var store = Open();

        (await store.TryWriteAsync(A.Document(1), new StoreVersion("x"), A.NoDecisions, None)).Should().BeFalse();

        (await store.ReadAsync(None)).Should().BeNull();
    }

    [Fact, Trait("Rule", "ST2")]
    public async Task Many_writers_lose_no_write()
    {
        var writers = Enumerable.Range(0, 4).Select(_ => Open()).Select(store => Task.Run(() => CountAsync(store, 25)));

        await Task.WhenAll(writers);

        (await Open().ReadAsync(None))!.Data.Revision.Should().Be(100);
    }

    [Fact, Trait("Rule", "A1")]
    public async Task Init_overwrites_whatever_is_there_and_keeps_the_history()
    {
        var store = Open();
        await store.OverwriteAsync(A.Document(1), [A.Decision(1)], None);

        await store.OverwriteAsync(A.Document(7), [A.Decision(2)], None);

        (await store.ReadAsync(None))!.Data.Revision.Should().Be(7);
        (await store.ReadHistoryAsync(None)).Should().Equal(A.Decision(1), A.Decision(2));
    }

    [Fact, Trait("Rule", "ST2")]
    public async Task The_history_keeps_the_last_100_decisions_oldest_first()
    {
        var store = Open();
        for (var number = 1; number <= 35; number++)
        {
            await store.OverwriteAsync(
                A.Document(number), [A.Decision(3 * number), A.Decision((3 * number) + 1), A.Decision((3 * number) + 2)], None);
        }

        (await Open().ReadHistoryAsync(None)).Should().Equal(Enumerable.Range(8, 100).Select(A.Decision));
    }

    [Fact, Trait("Rule", "ST2")]
    public async Task A_lost_write_leaves_no_trace_in_the_history()
    {
        var store = Open();
        await store.OverwriteAsync(A.Document(1), [A.Decision(1)], None);

        await store.TryWriteAsync(A.Document(2), expected: null, [A.Decision(2)], None);

        (await store.ReadHistoryAsync(None)).Should().Equal(A.Decision(1));
    }

    [Fact, Trait("Rule", "M1")]
    public async Task A_document_of_another_format_version_is_not_understood_and_stays()
    {
        var store = Open();
        await store.OverwriteAsync(A.Document(1), A.NoDecisions, None);
        await PutRawDocumentAsync("""{"formatVersion":99,"cluster":{"uid":"c1","spec":{},"status":{}}}""");

        var read = async () => await store.ReadAsync(None);

        (await read.Should().ThrowAsync<Stolon.Cluster.ClusterDataException>()).Which.Message.Should().Contain("99");
        (await store.TryWriteAsync(A.Document(2), expected: null, A.NoDecisions, None)).Should().BeFalse();
    }

    [Fact, Trait("Rule", "S10")]
    public async Task A_cut_document_is_named()
    {
        var store = Open();
        await store.OverwriteAsync(A.Document(1), A.NoDecisions, None);
        await PutRawDocumentAsync("""{"formatVersion":1,"clus""");

        var read = async () => await store.ReadAsync(None);

        await read.Should().ThrowAsync<Stolon.Cluster.ClusterDataException>();
    }

    [Fact, Trait("Rule", "S12")]
    public async Task Who_gives_up_before_the_call_reads_and_writes_nothing()
    {
        var store = Open();
        await store.OverwriteAsync(A.Document(1), A.NoDecisions, None);
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();

        var read = async () => await store.ReadAsync(gone.Token);
        var write = async () => await store.OverwriteAsync(A.Document(2), A.NoDecisions, gone.Token);
        var campaign = async () => await store.CampaignAsync(new("s1"), gone.Token);

        await read.Should().ThrowAsync<OperationCanceledException>();
        await write.Should().ThrowAsync<OperationCanceledException>();
        await campaign.Should().ThrowAsync<OperationCanceledException>();
        (await store.ReadAsync(None))!.Data.Revision.Should().Be(1);
        (await store.ReadLeaderAsync(None)).Should().BeNull();
    }

    [Fact, Trait("Rule", "ST3")]
    public async Task Reports_are_listed_sorted_and_the_last_of_each_owner_counts()
    {
        var (one, two) = (Open(), Open());
        await one.PublishAsync(A.Keeper("k2"), Ttl, None);
        await two.PublishAsync(A.Keeper("k1", "old"), Ttl, None);
        await two.PublishAsync(A.Keeper("k1", "new"), Ttl, None);
        await one.PublishAsync(A.Proxy("p1"), Ttl, None);
        await one.PublishAsync(A.Sentinel("k1"), Ttl, None);

        var reports = await two.ListReportsAsync(None);

        reports.Keepers.Should().Equal(A.Keeper("k1", "new"), A.Keeper("k2"));
        reports.Proxies.Should().Equal(A.Proxy("p1"));
        reports.Sentinels.Should().Equal(A.Sentinel("k1"));
        reports.Unreadable.Should().BeEmpty();
    }

    [Theory, Trait("Rule", "S10")]
    [InlineData("""{"uid":7}""", "keeper k1: $.uid: expected a string")]
    [InlineData("""{"uid":"\ud800"}""", "keeper k1: $.uid: expected a string, found text that is no Unicode")]
    public async Task A_report_that_cannot_be_read_is_named_and_the_others_are_listed(string raw, string reason)
    {
        var store = Open();
        await store.PublishAsync(A.Keeper("k1"), Ttl, None);
        await store.PublishAsync(A.Keeper("k2"), Ttl, None);
        await PutRawReportAsync("k1", raw);

        var reports = await store.ListReportsAsync(None);

        reports.Keepers.Should().Equal(A.Keeper("k2"));
        reports.Unreadable.Should().ContainSingle().Which.Should().StartWith(reason);
    }

    [Fact, Trait("Rule", "ST3")]
    public async Task A_report_is_withdrawn_by_its_owner()
    {
        var store = Open();
        await store.PublishAsync(A.Sentinel("s1"), Ttl, None);
        await store.PublishAsync(A.Sentinel("s2"), Ttl, None);

        await store.WithdrawAsync(new Stolon.Cluster.SentinelId("s1"), None);
        await store.WithdrawAsync(new Stolon.Cluster.SentinelId("never there"), None);

        (await Open().ListReportsAsync(None)).Sentinels.Should().Equal(A.Sentinel("s2"));
    }

    [Fact, Trait("Rule", "A2")]
    public async Task A_question_to_the_keepers_stands_until_it_is_withdrawn()
    {
        var (one, two) = (Open(), Open());
        var question = A.Question("q1") with { PgParameters = Stolon.Cluster.ValueMap<string, string>.Empty.With("work_mem", "1MB"), PgHba = ["local all all peer"] };
        await one.PublishAsync(A.Question("q2"), Ttl, None);
        await one.PublishAsync(question, Ttl, None);
        await one.PublishAsync(A.Keeper("k1"), Ttl, None);

        (await two.ListReportsAsync(None)).Questions.Should().Equal(question, A.Question("q2"));
        await one.WithdrawAsync(question.Id, None);
        await one.WithdrawAsync(question.Id, None);

        var reports = await two.ListReportsAsync(None);
        reports.Questions.Should().Equal(A.Question("q2"));
        reports.Keepers.Should().Equal(A.Keeper("k1"));
        reports.Unreadable.Should().BeEmpty();
    }

    internal IClusterStore Open() => Open(BootTimeProvider.Instance);

    private static async Task CountAsync(IClusterStore store, int times)
    {
        for (var done = 0; done < times;)
        {
            var read = await store.ReadAsync(None);
            var next = A.Document((read?.Data.Revision ?? 0) + 1);
            done += await store.TryWriteAsync(next, read?.Version, A.NoDecisions, None) ? 1 : 0;
        }
    }
}
