using Microsoft.Extensions.Time.Testing;
using Stolon.Cluster;
using Stolon.Hosting.Keeper;
using Stolon.Integration.Hosting;
using Stolon.Postgres;

namespace Stolon.Integration.Keeper;

/// <summary>What the loop that looks at the instance tells the others, and in which order.</summary>
public sealed class InstanceObserverTests
{
    [Fact]
    [Trait("Rule", "Q39")]
    public async Task The_others_hear_of_an_end_only_after_its_cause_was_told_because_they_start_it_again_at_once()
    {
        var time = new FakeTimeProvider();
        var instance = new FakeInstance();
        instance.RunUp(new(ValueMap<string, string>.Empty, [], RecoverySignal.None));
        var memory = new KeeperMemory(KeeperScene.Self, new KeeperMetrics("orders", KeeperScene.Self, time, scope: null), time);
        using var observer = new InstanceObserver(instance, memory, time, time, new ListLogger<KeeperService>());
        await observer.LookAsync(TestContext.Current.CancellationToken);
        bool? othersSeeItRun = null;
        instance.BeforeEnding = () => othersSeeItRun ??= observer.Latest!.State.Running;

        instance.Die("it was ended by signal 9.");
        await observer.LookAsync(TestContext.Current.CancellationToken);

        othersSeeItRun.Should().BeTrue();
        observer.Latest!.State.Running.Should().BeFalse();
    }

    [Fact]
    [Trait("Rule", "K9")]
    public async Task Looks_do_not_pile_up_behind_one_that_hangs()
    {
        var time = new FakeTimeProvider();
        var instance = new FakeInstance();
        using var disk = new ManualResetEventSlim();
        var calls = 0;
        instance.Look = () =>
        {
            Interlocked.Increment(ref calls);
            disk.Wait(TestContext.Current.CancellationToken);
            return instance.State;
        };
        var memory = new KeeperMemory(KeeperScene.Self, new KeeperMetrics("orders", KeeperScene.Self, time, scope: null), time);
        using var observer = new InstanceObserver(instance, memory, time, time, new ListLogger<KeeperService>());
        for (var look = 0; look < 3; look++)
        {
            var looking = observer.LookAsync(TestContext.Current.CancellationToken);
            await Eventually.Holds(() => looking.IsCompleted, time);
        }

        calls.Should().Be(1);
        observer.Latest.Should().BeNull("nothing was seen yet");
        disk.Set();
        await Eventually.Holds(
            async () =>
            {
                await observer.LookAsync(TestContext.Current.CancellationToken);
                return observer.Latest is not null;
            },
            time);
    }
}
