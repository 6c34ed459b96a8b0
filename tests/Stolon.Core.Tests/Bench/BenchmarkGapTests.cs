using Stolon.Comparison.Measuring;

namespace Stolon.Core.Tests.Bench;

/// <summary>What the benchmark makes of a writer's acknowledgements.</summary>
public class BenchmarkGapTests
{
    [Fact]
    public void An_outage_lasts_from_the_failure_to_the_end_of_the_longest_gap_though_rows_were_still_on_their_way() =>
        Gaps.Outage(Acknowledged(980, 990, 1000, 1004, 3504, 3514), At(1001)).Should().Be(TimeSpan.FromMilliseconds(2503));

    [Fact]
    public void A_longer_gap_before_the_failure_is_none_of_its() =>
        Gaps.Longest(Acknowledged(0, 5000, 5010, 5510, 5520), At(5020)).Should().Be(new Gap(At(5010), At(5510)));

    [Fact]
    public void Without_an_acknowledgement_after_the_failure_there_is_no_outage_yet() =>
        Gaps.Outage(Acknowledged(10, 20), At(30)).Should().BeNull();

    [Fact]
    public void Only_acknowledged_rows_can_be_lost() =>
        Gaps.Lost(Acknowledged(10, 20, 30), new HashSet<long> { 1, 3, 4 }).Should().Equal(2);

    [Theory]
    [InlineData(1000, true)]
    [InlineData(1600, false)]
    public void Writes_are_steady_when_they_succeeded_for_a_second_without_a_pause(int now, bool steady) =>
        Gaps.IsSteady(Acknowledged([.. Enumerable.Range(1, 100).Select(n => 10 * n)]), At(now)).Should().Be(steady);

    [Fact]
    public void Writes_that_just_began_are_not_steady_however_many_there_are() =>
        Gaps.IsSteady(Acknowledged([.. Enumerable.Range(700, 300)]), At(1000)).Should().BeFalse();

    [Fact]
    public void The_median_of_an_even_number_lies_between_the_two_in_the_middle()
    {
        Statistics.Of([9, 1, 4]).Should().Be(new Statistics(3, 1, 4, 9));
        Statistics.Of([9, 1, 4, 5]).Should().Be(new Statistics(4, 1, 4.5, 9));
    }

    [Fact]
    public void Nothing_has_no_median() => FluentActions.Invoking(() => Statistics.Of([])).Should().Throw<ArgumentException>();

    private static TimeSpan At(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private static Acknowledgement[] Acknowledged(params int[] at) => [.. at.Select((instant, n) => new Acknowledgement(n + 1, At(instant)))];
}
