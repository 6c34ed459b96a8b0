using System.Reflection;

namespace Stolon.Core.Tests.Architecture;

/// <summary>Every numbered rule of the sentinel and of rendering has a test here that names it.</summary>
public sealed class RuleCoverageTests
{
    [Theory]
    [InlineData('O', 13)]
    [InlineData('P', 13)]
    [InlineData('I', 7)]
    [InlineData('N', 28)]
    [InlineData('F', 4)]
    [InlineData('H', 5)]
    [InlineData('C', 3)]
    [InlineData('G', 7)]
    [InlineData('S', 8, 5)]
    [InlineData('R', 6, 3, 6)]
    [InlineData('X', 5, 1, 3)]
    public void Every_rule_of_the_area_has_a_test(char area, int rules, params int[] elsewhere)
    {
        var named = typeof(RuleCoverageTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods().Cast<MemberInfo>().Append(type))
            .SelectMany(member => member.GetCustomAttributes<TraitAttribute>(inherit: false))
            .Where(trait => trait.Name == "Rule")
            .Select(trait => trait.Value)
            .ToHashSet(StringComparer.Ordinal);

        Enumerable.Range(1, rules).Except(elsewhere).Select(number => $"{area}{number}").Should().BeSubsetOf(named);
    }
}
