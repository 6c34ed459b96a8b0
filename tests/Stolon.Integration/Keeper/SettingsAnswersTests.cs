using Stolon.Cluster;
using Stolon.Hosting.Postgres;

namespace Stolon.Integration.Keeper;

/// <summary>A keeper answers an operator's question by its running instance (ADR 0017).</summary>
[Trait("Rule", "A2")]
public sealed class SettingsAnswersTests
{
    private static readonly SettingsQuestion Question = new()
    {
        Id = new QuestionId("q1"),
        PgParameters = ValueMap<string, string>.Empty.With("work_mem", "lots"),
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_question_is_answered_in_the_report_until_it_is_withdrawn_and_nothing_is_put_into_force()
    {
        await using var scene = new KeeperScene().WithItsData();
        await scene.StartAsync();
        await scene.UntilAsync(() => scene.Instance.MayBeOpen);
        await scene.PassAsync(2);
        var did = scene.Instance.Did.All.Count;
        scene.Instance.Judge = asked => asked.Parameters.Find("work_mem") == "lots" ? new Refusal(["work_mem"], 0, "no such amount") : null;

        await scene.Store.PublishAsync(Question, TimeSpan.FromMinutes(1), Cancel);
        await Hosting.Eventually.Holds(async () => (await scene.ReportAsync())?.Answers.Count == 1, scene.Time);

        (await scene.ReportAsync())!.Answers[0].Should().Be(new SettingsAnswer { Question = Question.Id, Mistakes = ["no such amount"] });
        await scene.Store.WithdrawAsync(Question.Id, Cancel);
        await Hosting.Eventually.Holds(async () => (await scene.ReportAsync())?.Answers.Count == 0, scene.Time);
        scene.Instance.Did.All.Skip(did).Should().BeEmpty();
    }

    [Fact]
    public async Task An_instance_that_cannot_be_asked_gives_no_answer_and_holds_up_nothing()
    {
        await using var scene = new KeeperScene().WithItsData();
        await scene.StartAsync();
        await scene.UntilAsync(() => scene.Instance.MayBeOpen);
        scene.Instance.Judge = asked => asked.Parameters.ContainsKey("port") ? null : throw new PostgresInstanceException("it does not answer");

        await scene.Store.PublishAsync(Question, TimeSpan.FromMinutes(1), Cancel);
        await Hosting.Eventually.Holds(async () => await scene.ReportAsync() is not null, scene.Time);
        await scene.PassAsync(3);
        (await scene.ReportAsync())!.Answers.Should().BeEmpty();
        await scene.ChangeDbAsync(db => db with { Generation = 3, Spec = db.Spec with { PgParameters = db.Spec.PgParameters.With("jit", "off") } });

        await scene.UntilAsync(() => scene.DbState.Generation == 3);
    }

    [Fact]
    public async Task A_keeper_without_a_db_of_the_cluster_answers_nothing()
    {
        await using var scene = new KeeperScene().WithItsData().Before(data => data with { Databases = ValueMap<DbId, Database>.Empty });
        await scene.StartAsync();

        await scene.Store.PublishAsync(Question, TimeSpan.FromMinutes(1), Cancel);
        await Hosting.Eventually.Holds(async () => await scene.ReportAsync() is not null, scene.Time);
        await scene.PassAsync(3);

        (await scene.ReportAsync())!.Answers.Should().BeEmpty();
    }
}
