using Microsoft.Extensions.Time.Testing;

namespace Stolon.Stores.Tests;

/// <summary>What stores must do in which the observers themselves remove old reports; etcd does it with leases.</summary>
public abstract class AgingStoreConformance : StoreConformance
{
    [Fact, Trait("Rule", "ST3")]
    public async Task A_report_vanishes_when_it_has_not_changed_for_its_time_on_the_observers_clock()
    {
        var time = new FakeTimeProvider();
        var (observer, other) = (Open(time), Open());
        await other.PublishAsync(A.Keeper("k1"), Ttl, None);
        await other.PublishAsync(A.Keeper("k2"), Ttl, None);
        (await observer.ListReportsAsync(None)).Keepers.Should().HaveCount(2);

        time.Advance(Ttl / 2);
        await other.PublishAsync(A.Keeper("k2", "again"), Ttl, None);
        await observer.ListReportsAsync(None);
        time.Advance((Ttl / 2) + TimeSpan.FromSeconds(1));

        (await observer.ListReportsAsync(None)).Keepers.Should().Equal(A.Keeper("k2", "again"));
        await Wait.UntilAsync(async () => (await other.ListReportsAsync(None)).Keepers.Length == 1, because: "it is removed");
    }

    [Fact, Trait("Rule", "ST3")]
    public async Task The_wall_clock_makes_no_report_vanish()
    {
        var time = new ShiftedWallClock();
        var observer = Open(time);
        await observer.PublishAsync(A.Keeper("k1"), Ttl, None);
        await observer.ListReportsAsync(None);

        time.Shift = TimeSpan.FromDays(365);

        (await observer.ListReportsAsync(None)).Keepers.Should().HaveCount(1);
    }

    [Fact, Trait("Rule", "ST3")]
    public async Task A_time_to_live_below_20_seconds_is_raised()
    {
        var time = new FakeTimeProvider();
        var observer = Open(time);
        await observer.PublishAsync(A.Keeper("k1"), TimeSpan.FromSeconds(1), None);
        await observer.ListReportsAsync(None);

        time.Advance(TimeSpan.FromSeconds(19));

        (await observer.ListReportsAsync(None)).Keepers.Should().HaveCount(1);
    }

    /// <summary>A clock whose wall time somebody sets, while its monotonic time goes on.</summary>
    private sealed class ShiftedWallClock : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
    }
}
