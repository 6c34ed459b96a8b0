using Stolon.Hosting.Stores;

namespace Stolon.Stores.Tests;

/// <summary>What operators hear of a store that is away.</summary>
public sealed class AvailabilityTests
{
    private readonly LogLines log = new();
    private readonly Availability availability;

    public AvailabilityTests() => availability = new Availability("store.db", () => { }, () => { }, log);

    [Fact, Trait("Rule", "S12")]
    public void Causes_that_alternate_are_said_once_each()
    {
        for (var times = 0; times < 10; times++)
        {
            availability.Fails("writing", "It is locked.");
            availability.Fails("reading", "It did not answer.");
        }

        log.Ids.Should().Equal(4000, 4000);
    }

    [Fact, Trait("Rule", "S12")]
    public void What_fails_again_after_all_was_well_is_said_again()
    {
        availability.Fails("writing", "It is locked.");
        availability.Fails("reading", "It is locked.");
        availability.Works("reading");
        availability.Fails("writing", "It is locked.");
        availability.Works("writing");
        availability.Fails("writing", "It is locked.");

        log.Ids.Should().Equal(4000, 4001, 4001, 4000);
    }
}
