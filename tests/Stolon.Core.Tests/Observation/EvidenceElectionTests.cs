using Stolon.Cluster;
using static Stolon.Core.Tests.Planning.Story;

namespace Stolon.Core.Tests.Observation;

/// <summary>Who may follow a primary that was found dead by evidence, long before silence could tell who died with it.</summary>
public sealed class EvidenceElectionTests
{
    [Fact, Trait("Rule", "N4"), Trait("Rule", "O7")]
    public void One_that_died_with_the_primary_is_not_elected_in_its_place()
    {
        var story = Healthy(3).Reports(2, state => state with { XLogPos = new Lsn(1001), WalReceiver = WalReceiverState.Streaming })
            .Reports(3, state => state with { WalReceiver = WalReceiverState.Gone }).Passes(1).Silences(1).Silences(2).Waits(0.3).Finds(3);
        story.Pass();

        story.Waits(2.4).Heartbeats().Pass();
        story.Data.Cluster.Status.Primary.Should().Be(Db(1), "it has more WAL, and may only be slow");
        story.Waits(0.2).Heartbeats().Pass();

        story.Data.Cluster.Status.Primary.Should().Be(Db(3));
    }

    [Fact, Trait("Rule", "N4")]
    public void One_that_speaks_after_the_primary_was_found_dead_is_elected_at_once()
    {
        var story = Healthy(3).Reports(2, state => state with { XLogPos = new Lsn(1001), WalReceiver = WalReceiverState.Streaming })
            .Reports(3, state => state with { WalReceiver = WalReceiverState.Gone }).Passes(1).Silences(1).Silences(2).Waits(0.3).Finds(3);
        story.Pass();
        story.Waits(0.6).Heartbeats().Pass();
        story.Data.Cluster.Status.Primary.Should().Be(Db(1));

        story.Reports(2, state => state with { WalReceiver = WalReceiverState.Gone }).Pass();

        story.Data.Cluster.Status.Primary.Should().Be(Db(2));
    }
}
