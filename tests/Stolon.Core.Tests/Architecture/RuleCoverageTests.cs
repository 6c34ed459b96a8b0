using System.Text.RegularExpressions;

namespace Stolon.Core.Tests.Architecture;

/// <summary>Every numbered rule of docs/behaviour.md has a test, in any of the test projects, that names it; or it says here why not.</summary>
public sealed partial class RuleCoverageTests
{
    private static readonly Dictionary<string, int> Areas = new(StringComparer.Ordinal)
    {
        ["M"] = 13,
        ["ST"] = 5,
        ["L"] = 9,
        ["O"] = 13,
        ["P"] = 13,
        ["I"] = 7,
        ["N"] = 28,
        ["F"] = 5,
        ["K"] = 30,
        ["R"] = 6,
        ["G"] = 8,
        ["H"] = 5,
        ["C"] = 3,
        ["PG"] = 7,
        ["X"] = 5,
        ["A"] = 6,
        ["S"] = 12,
        ["Q"] = 43,
    };

    /// <summary>Rules without a test of their own, and the reason.</summary>
    private static readonly Dictionary<string, string> Exempt = new(StringComparer.Ordinal)
    {
        ["ST5"] = "there is no store in Kubernetes",
        ["Q11"] = "the keeper carries out no pg_rewind, so nothing is checked after one; that Core would is R5",
        ["Q18"] = "PostgreSQL answers a new session only after the signal to reload, so that a missing wait is not seen (tried: the test stayed green)",
        ["Q25"] = "it leaves dead code out: there is nothing to see",
    };

    public static TheoryData<string> Names => [.. Areas.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_rule_of_the_area_has_a_test(string area) =>
        Rules(area).Except(Exempt.Keys, StringComparer.Ordinal).Should().BeSubsetOf(Named());

    [Fact]
    public void No_test_names_a_rule_that_does_not_exist() =>
        Named().Except(Areas.Keys.SelectMany(Rules), StringComparer.Ordinal).Should().BeSubsetOf(["S4b"]);

    [Fact]
    public void What_has_a_test_is_not_excused() =>
        Exempt.Keys.Should().BeSubsetOf(Areas.Keys.SelectMany(Rules)).And.NotIntersectWith(Named());

    private static IEnumerable<string> Rules(string area) => Enumerable.Range(1, Areas[area]).Select(number => $"{area}{number}");

    private static HashSet<string> Named() => Repository.CSharp("tests")
        .SelectMany(path => RuleTrait().Matches(Repository.Text(path)))
        .Select(match => match.Groups["rule"].Value)
        .ToHashSet(StringComparer.Ordinal);

    [GeneratedRegex("""\bTrait\("Rule", "(?<rule>[^"]+)"\)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RuleTrait();
}
