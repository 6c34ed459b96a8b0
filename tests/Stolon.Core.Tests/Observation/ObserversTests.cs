using Stolon.Cluster;
using Stolon.Observation;
using static Stolon.Core.Tests.Planning.Story;

namespace Stolon.Core.Tests.Observation;

/// <summary>Who observes whom (architecture, section 5).</summary>
public sealed class ObserversTests
{
    [Fact, Trait("Rule", "O7")]
    public void A_few_keepers_of_standbys_observe_the_primary_however_many_there_are()
    {
        var data = Healthy(6, spec => spec with { MaxStandbysPerSender = 10 }).Data;

        Of(data).Should().Equal(2, 3, 4);
    }

    [Fact, Trait("Rule", "O7")]
    public void Those_on_other_hosts_than_the_primarys_come_first_and_who_is_not_healthy_does_not_count()
    {
        var data = Healthy(6, spec => spec with { MaxStandbysPerSender = 10 }).Data;
        data = data with
        {
            Databases = new(data.Databases.Select(entry => KeyValuePair.Create(entry.Key, entry.Value with
            {
                Status = entry.Value.Status with { ListenAddress = entry.Key == Db(5) || entry.Key == Db(6) ? "b" : "a" },
            }))),
            Keepers = data.Keepers.With(Keeper(2), data.Keepers[Keeper(2)] with { Status = new() { Healthy = false } }),
        };

        Of(data).Should().BeEquivalentTo([5, 6, 3]);
    }

    [Fact, Trait("Rule", "X5")]
    public void The_primarys_keeper_observes_the_proxies_too_and_nobody_but_the_observers()
    {
        var data = Healthy(6, spec => spec with { MaxStandbysPerSender = 10 }).Data;

        Enumerable.Range(1, 6).Where(n => Observers.ObservesProxies(data, Keeper(n))).Should().Equal(1, 2, 3, 4);
    }

    [Theory, Trait("Rule", "M10")]
    [InlineData(null)]
    [InlineData(false)]
    public void Where_nobody_wants_to_know_nobody_looks(bool? failOnRefusal)
    {
        var data = Healthy(3, spec => spec with { FailOnRefusal = failOnRefusal }).Data;

        Of(data).Should().BeEmpty();
        Observers.ObservesProxies(data, Keeper(1)).Should().BeFalse();
    }

    [Fact]
    public void Without_a_primary_there_is_nothing_to_observe()
    {
        Of(Empty().Data).Should().BeEmpty();
        Observers.ObservesProxies(Empty().Data, Keeper(1)).Should().BeFalse();
    }

    private static int[] Of(ClusterData data) => [.. Enumerable.Range(1, 6).Where(n => Observers.ObservesPrimary(data, Keeper(n)))];
}
