using System.Collections.Immutable;
using CsCheck;
using Stolon.Postgres;

namespace Stolon.Core.Tests.Postgres;

public class SynchronousStandbyNamesTests
{
    private static readonly Gen<ImmutableArray<string>> Names =
        Gen.Char['a', 'f'].Array[0, 6].Select(names => names.Distinct().Select(name => name.ToString()).ToImmutableArray());

    [Theory]
    [Trait("Rule", "Q38")]
    [InlineData("", "a b", "a b")]
    [InlineData("a b", "b a", "a b")]
    [InlineData("b a", "a b", "b a")]
    [InlineData("a", "a b", "b a")]
    [InlineData("b a", "a b c", "c b a")]
    [InlineData("a b c", "a c", "a c")]
    [InlineData("x a", "a n", "a n")]
    [InlineData("a b", "", "")]
    public void New_names_come_first_and_the_others_stay_in_order(string current, string wanted, string ordered) =>
        SynchronousStandbyNames.Order(Split(current), Split(wanted)).Should().Equal(Split(ordered));

    [Fact]
    [Trait("Rule", "Q38")]
    public void When_a_name_joins_every_name_that_stays_gets_another_place() => Gen.Select(Names, Names).Sample((current, wanted) =>
    {
        var ordered = SynchronousStandbyNames.Order(current, wanted);

        return ordered.Order().SequenceEqual(wanted.Order())
            && (wanted.All(name => current.Contains(name))
                || ordered.All(name => !current.Contains(name) || ordered.IndexOf(name) != current.IndexOf(name)));
    });

    [Fact]
    [Trait("Rule", "Q38")]
    public void The_same_set_is_the_same_list() => Gen.Select(Names, Gen.Int).Sample((current, seed) =>
        SynchronousStandbyNames.Order(current, [.. current.OrderBy(name => HashCode.Combine(name, seed))]).SequenceEqual(current));

    [Theory]
    [Trait("Rule", "G5")]
    [InlineData("", "")]
    [InlineData("stolon_a", "stolon_a")]
    [InlineData("stolon_a stolon_b", "2 (stolon_a,stolon_b)")]
    [InlineData("stolon_a-b first", "2 (\"stolon_a-b\",\"first\")")]
    public void One_name_stands_alone_and_more_are_all_required(string names, string value)
    {
        SynchronousStandbyNames.Render(Split(names)).Should().Be(value);
        SynchronousStandbyNames.Parse(value).Should().Equal(Split(names));
    }

    [Theory]
    [InlineData("FIRST 2 (a, b, c)", "a b c")]
    [InlineData("ANY 1 ( \"A b\" , c )", "A\u00a0b c")]
    [InlineData("a, b", "a b")]
    public void Other_notations_are_read_too(string value, string names) =>
        SynchronousStandbyNames.Parse(value).Should().Equal(Split(names).Select(name => name.Replace('\u00a0', ' ')));

    private static ImmutableArray<string> Split(string names) => [.. names.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
}
