using Microsoft.Extensions.Time.Testing;
using Stolon.Cluster;
using Stolon.Hosting.Administration;
using Stolon.Hosting.Stores;
using Stolon.Storage;

namespace Stolon.Integration.Hosting;

/// <summary>Whose answer counts when an operator changes what only a server can judge (ADR 0017).</summary>
[Trait("Rule", "A2")]
[Trait("Rule", "S10")]
public sealed class ServerCheckTests : IAsyncDisposable
{
    private const string Patch = """{"pgParameters": {"work_mem": "8MB", "port": "1"}}""";

    private readonly FakeTimeProvider time = new();
    private readonly InMemoryClusterStore store;
    private readonly ClusterAdministration administration;

    public ServerCheckTests()
    {
        store = new InMemoryClusterStore(time);
        administration = new ClusterAdministration("orders", store, time);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_primarys_keeper_accepts_is_written_whatever_another_says()
    {
        await BeginAsync();
        var update = administration.PatchAsync(Patch, Cancel);
        var question = await QuestionAsync();

        question.PgParameters.ToString().Should().Be("{work_mem=8MB}", "what the keeper sets itself is no question");
        await AnswerAsync("keeper_db2", question, "no");
        await AnswerAsync("keeper_db1", question);

        await update;
        (await store.ReadAsync(Cancel))!.Data.Cluster.Spec.PgParameters.Find("work_mem").Should().Be("8MB");
        (await store.ListReportsAsync(Cancel)).Questions.Should().BeEmpty();
    }

    [Fact]
    public async Task What_the_primarys_keeper_does_not_accept_is_not_written()
    {
        var before = await BeginAsync();
        var update = administration.PatchAsync(Patch, Cancel);
        var question = await QuestionAsync();

        await AnswerAsync("keeper_db1", question, "$.pgParameters.work_mem: expected less");

        var refused = (await FluentActions.Awaiting(() => update).Should().ThrowAsync<InvalidSpecException>()).Which;
        refused.Mistakes.Should().Equal("$.pgParameters.work_mem: expected less");
        refused.CanBeForced.Should().BeTrue();
        (await store.ReadAsync(Cancel))!.Version.Should().Be(before);
        (await store.ListReportsAsync(Cancel)).Questions.Should().BeEmpty();
    }

    [Fact]
    public async Task Where_the_primarys_keeper_is_silent_another_is_believed_after_a_while()
    {
        await BeginAsync();
        var update = administration.PatchAsync(Patch, Cancel);
        var question = await QuestionAsync();
        await AnswerAsync("keeper_db2", question, "$.pgParameters.work_mem: expected more");

        await Eventually.Holds(() => update.IsCompleted, time);

        (await FluentActions.Awaiting(() => update).Should().ThrowAsync<InvalidSpecException>()).WithMessage("*expected more*");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("c9999999")]
    public async Task Without_an_answer_of_this_cluster_nothing_is_written(string? otherCluster)
    {
        var before = await BeginAsync();
        var update = administration.PatchAsync(Patch, Cancel);
        var question = await QuestionAsync();
        if (otherCluster is not null)
        {
            await AnswerAsync("keeper_db1", question, mistake: null, otherCluster);
        }

        await Eventually.Holds(() => update.IsCompleted, time);

        var refused = (await FluentActions.Awaiting(() => update).Should().ThrowAsync<InvalidSpecException>()).Which;
        refused.Mistakes.Should().Equal(
            "$.pgParameters.work_mem: expected a running server of the cluster to check this with, found none that answered within 10s");
        refused.CanBeForced.Should().BeTrue();
        (await store.ReadAsync(Cancel))!.Version.Should().Be(before);
    }

    [Fact]
    public async Task Whoever_insists_or_takes_back_or_has_no_server_yet_asks_nobody()
    {
        await BeginAsync();
        await administration.PatchAsync(Patch, new UpdateOptions { Force = true }, Cancel);
        await administration.PatchAsync("""{"pgParameters": {"work_mem": null}, "maxStandbys": 7, "pgHBA": []}""", Cancel);

        var fresh = A.Document(A.Spec);
        await store.OverwriteAsync(
            fresh with { Cluster = fresh.Cluster with { Status = fresh.Cluster.Status with { Phase = ClusterPhase.Initializing } } }, [], Cancel);
        await administration.PatchAsync(Patch, Cancel);

        (await store.ReadAsync(Cancel))!.Data.Cluster.Spec.PgParameters.Find("work_mem").Should().Be("8MB");
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private async Task<StoreVersion> BeginAsync()
    {
        await store.OverwriteAsync(A.Document(A.Spec, A.Primary("db1"), A.Standby("db2", "db1")), [], Cancel);
        return (await store.ReadAsync(Cancel))!.Version;
    }

    private async Task<SettingsQuestion> QuestionAsync()
    {
        SettingsQuestion? found = null;
        await Eventually.Holds(async () => (found = (await store.ListReportsAsync(Cancel)).Questions.SingleOrDefault()) is not null, time: null);
        return found!;
    }

    private async Task AnswerAsync(string keeper, SettingsQuestion question, string? mistake = null, string cluster = "c0000001") =>
        await store.PublishAsync(
            A.KeeperReport(keeper, cluster) with { Answers = [new SettingsAnswer { Question = question.Id, Mistakes = mistake is null ? [] : [mistake] }] },
            TimeSpan.FromMinutes(1),
            Cancel);
}
