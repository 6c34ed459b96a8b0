using Stolon.Integration.Hosting;
using Stolon.Storage;

namespace Stolon.Integration.Liveness;

/// <summary>Who was connected to a keeper's ports finds that they refuse (architecture, section 5).</summary>
public sealed class WitnessTests
{
    private static readonly TimeSpan Twice = TimeSpan.FromMilliseconds(100);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_death_is_found_by_two_refusals_and_told_once(bool isProxy)
    {
        await using var scene = new WitnessScene(isProxy: isProxy);
        await scene.StartAsync();
        await scene.ConnectedAsync();
        scene.Told.Should().Be(0, "there is nothing to say of who lives");

        scene.Dies();

        await Eventually.Holds(() => scene.Found is not null);
        var found = scene.Found!;
        found.Should().BeEquivalentTo(new { scene.Subject.Uid, IsProxy = isProxy, InfoUid = "info1", BootUuid = "boot1" });
        (found.FirstRefusedAgo - found.LastRefusedAgo).Should().BeGreaterThanOrEqualTo(Twice);
        found.ConnectedAgo.Should().BeGreaterThanOrEqualTo(found.FirstRefusedAgo);
        scene.Broken.Should().Be(1);
        await AsksAsync(scene, 4);
        scene.Told.Should().Be(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_port_that_accepts_a_moment_longer_and_says_nothing_hides_no_death(bool isProxy)
    {
        await using var scene = new WitnessScene(isProxy: isProxy);
        await scene.StartAsync();
        await scene.ConnectedAsync();
        var lists = 0;
        IDisposable? listening = null;
        scene.Store.BeforeList = () =>
        {
            // Before the first question the process has lost its connections and still listens; before the second it does not any more.
            listening = ++lists == 1 ? scene.ListensSilently() : listening;
            (lists == 2 ? listening : null)?.Dispose();
            return Task.CompletedTask;
        };

        scene.Dies();

        await Eventually.Holds(() => scene.Found is not null);
        listening!.Dispose();
    }

    [Fact]
    public async Task Whoever_answers_again_is_not_dead_any_more()
    {
        await using var scene = new WitnessScene();
        await scene.StartAsync();
        await scene.ConnectedAsync();
        scene.Dies();
        await Eventually.Holds(() => scene.Found is not null);

        scene.Lives("boot2");

        await Eventually.Holds(() => scene.Found is null);
        scene.Told.Should().Be(2);
    }

    [Fact]
    public async Task A_keeper_that_dies_alone_is_found_dead_only_when_its_PostgreSQL_has_ended_too()
    {
        await using var scene = new WitnessScene();
        await scene.StartAsync();
        await scene.ConnectedAsync();

        scene.Port.Dispose();

        await AsksAsync(scene, 4);
        scene.Found.Should().BeNull();
        scene.Postgres.Dispose();
        await Eventually.Holds(() => scene.Found is not null);
    }

    [Fact]
    public async Task A_PostgreSQL_that_ends_under_a_living_keeper_is_no_finding()
    {
        await using var scene = new WitnessScene();
        await scene.StartAsync();
        await scene.ConnectedAsync();

        scene.Postgres.Dispose();

        await Proxy.Eventually.PassAsync(3 * WitnessScene.SleepInterval);
        scene.Told.Should().Be(0);
        scene.Port.Held.Should().Be(1);
    }

    [Fact]
    public async Task Nobody_connects_to_PostgreSQL_as_long_as_its_keeper_lives()
    {
        await using var scene = new WitnessScene();
        await scene.StartAsync();
        await scene.ConnectedAsync();

        await Proxy.Eventually.PassAsync(2 * WitnessScene.SleepInterval);

        scene.Postgres.Poll(TimeSpan.Zero, System.Net.Sockets.SelectMode.SelectRead).Should().BeFalse("a silent connection can hold up its stop for a minute");
    }

    [Fact]
    public async Task Whose_standby_did_not_receive_from_it_finds_nothing()
    {
        await using var scene = new WitnessScene { Streams = false };
        await scene.StartAsync();
        await scene.ConnectedAsync();
        var asked = 0;
        scene.Store.BeforeList = () => Task.FromResult(asked++);

        scene.Dies();

        await Eventually.Holds(() => scene.Broken == 1);
        await Proxy.Eventually.PassAsync(2 * WitnessScene.SleepInterval);
        (asked, scene.Told).Should().Be((0, 0));
    }

    [Fact]
    public async Task What_is_published_between_the_refusals_begins_them_anew()
    {
        await using var scene = new WitnessScene();
        await scene.StartAsync();
        await scene.ConnectedAsync();
        var lists = 0;
        var last = "";
        scene.Store.BeforeList = async () =>
        {
            // Before each of the first three questions another report arrives.
            if (++lists <= 3)
            {
                last = await scene.PublishAsync();
            }
        };

        scene.Dies();

        await Eventually.Holds(() => scene.Found is not null);
        scene.Found!.InfoUid.Should().Be(last);
        lists.Should().BeGreaterThanOrEqualTo(4);
        scene.Told.Should().Be(1);
    }

    [Fact]
    public async Task Another_process_that_has_published_in_its_place_ends_the_matter()
    {
        await using var scene = new WitnessScene();
        await scene.StartAsync();
        await scene.ConnectedAsync();
        await scene.PublishAsync("boot2");

        scene.Dies();

        await AsksAsync(scene, 4);
        scene.Told.Should().Be(0);
    }

    [Fact]
    public async Task Without_the_store_nobody_knows_what_was_published_last_and_nothing_is_found()
    {
        await using var scene = new WitnessScene();
        await scene.StartAsync();
        await scene.ConnectedAsync();
        var asked = 0;
        scene.Store.BeforeList = () =>
        {
            asked++;
            return Task.FromException(new StoreUnavailableException("away"));
        };

        scene.Dies();

        await Eventually.Holds(() => asked >= 4);
        scene.Told.Should().Be(0);
        scene.Store.BeforeList = () => Task.CompletedTask;
        await Eventually.Holds(() => scene.Found is not null);
    }

    [Fact]
    public async Task Who_never_had_the_answer_of_that_process_finds_nothing()
    {
        await using var scene = new WitnessScene(answersAs: "another");
        var asked = 0;
        scene.Store.BeforeList = () => Task.FromResult(asked++);
        await scene.StartAsync();
        await Proxy.Eventually.PassAsync(2 * WitnessScene.SleepInterval);

        scene.Dies();

        await Proxy.Eventually.PassAsync(2 * WitnessScene.SleepInterval);
        scene.Told.Should().Be(0);
        scene.Lives("boot1");
        await Eventually.Holds(() => scene.Port.Held == 1);
        asked.Should().Be(0, "a connection that did not answer rightly is no reason to ask");
    }

    [Fact]
    public async Task What_was_found_is_withdrawn_when_nobody_is_interested_any_more()
    {
        var scene = new WitnessScene();
        await scene.StartAsync();
        await scene.ConnectedAsync();
        scene.Dies();
        await Eventually.Holds(() => scene.Found is not null);

        await scene.DisposeAsync();

        scene.Found.Should().BeNull();
    }

    /// <summary>Waits until the witness has asked so many times more: before each question it reads the reports.</summary>
    private static async Task AsksAsync(WitnessScene scene, int times)
    {
        var asked = 0;
        scene.Store.BeforeList = () => Task.FromResult(Interlocked.Increment(ref asked));
        await Eventually.Holds(() => Volatile.Read(ref asked) >= times);
        scene.Store.BeforeList = () => Task.CompletedTask;
    }
}
