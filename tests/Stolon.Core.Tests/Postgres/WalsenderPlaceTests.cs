using Stolon.Postgres;

namespace Stolon.Core.Tests.Postgres;

/// <summary>What a walsender shows of the list that it goes by.</summary>
[Trait("Rule", "Q38")]
public sealed class WalsenderPlaceTests
{
    [Theory]
    [InlineData("stolon_a", 1, "stolon_a", "2 (stolon_b,stolon_a)", true)]
    [InlineData("stolon_a", 2, "stolon_a", "2 (stolon_b,stolon_a)", false)]
    [InlineData("STOLON_A", 1, "stolon_a", "2 (stolon_b,stolon_a)", true)]
    [InlineData("stolon_b", 0, "stolon_a", "2 (stolon_b,stolon_a)", false)]
    [InlineData("stolon_gone", 1, "stolon_gone", "stolon_a", true)]
    [InlineData("stolon_gone", 0, "stolon_gone", "stolon_a", false)]
    [InlineData("somebody", 0, "stolon_b", "stolon_a", false)]
    public void It_may_go_by_the_older_list_while_it_shows_the_place_of_its_name_there(
        string name, int priority, string older, string list, bool mayGoByLess) =>
        new WalsenderPlace(7, name, priority, HasFlushed: true).MayGoByLess(list, [older]).Should().Be(mayGoByLess);

    [Fact]
    public void Until_it_has_heard_of_a_flush_it_shows_no_place_and_may_go_by_any_list_that_has_its_name()
    {
        var silent = new WalsenderPlace(7, "stolon_a", 0, HasFlushed: false);

        silent.MayGoByLess("2 (stolon_b,stolon_a)", ["stolon_a"]).Should().BeTrue();
        silent.MayGoByLess("2 (stolon_b,stolon_a)", ["stolon_b"]).Should().BeFalse();
    }

    [Fact]
    public void An_older_list_that_asks_for_as_much_does_no_harm() =>
        new WalsenderPlace(7, "stolon_a", 1, HasFlushed: true).MayGoByLess("stolon_a", ["2 (stolon_a,stolon_b)", ""]).Should().BeFalse();

    [Fact]
    public void One_that_missed_two_changes_may_show_its_place_in_the_new_list_by_chance()
    {
        var late = new WalsenderPlace(7, "stolon_b", 2, HasFlushed: true);

        late.MayGoByLess("2 (stolon_a,stolon_b)", ["2 (stolon_x,stolon_b)", "stolon_b"]).Should().BeTrue();
        late.MayHaveLoaded("2 (stolon_a,stolon_b)").Should().BeTrue();
    }
}
