using System.Text.RegularExpressions;

namespace Stolon.AspNetCore.Tests;

/// <summary>Reads Prometheus' text format strictly.</summary>
internal static partial class Exposition
{
    /// <summary>Name and labels of every sample.</summary>
    public static IEnumerable<string> Samples(string text) =>
        text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line[..line.LastIndexOf(' ')]);

    /// <summary>The names of the metrics.</summary>
    public static IEnumerable<string> Names(string text) => Samples(text).Select(sample => sample.Split('{')[0]).Distinct(StringComparer.Ordinal);

    /// <summary>Each line is one of the format; each metric stands together after its own two lines.</summary>
    public static void Check(string text)
    {
        text.Should().EndWith("\n");
        var current = "";
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            var match = Line().Match(line);
            match.Success.Should().BeTrue("a line of the format was expected, found {0}", line);
            var name = match.Groups["name"].Value;
            if (match.Groups["help"].Success)
            {
                seen.Add(name).Should().BeTrue("{0} may stand only once", name);
                current = name;
            }

            name.Should().Be(current);
        }
    }

    [GeneratedRegex(
        """^((?<help># HELP (?<name>[a-z_]+) \S.*)|(# TYPE (?<name>[a-z_]+) (counter|gauge))|((?<name>[a-z_]+)(\{[a-z_]+="[^"\\]*"(,[a-z_]+="[^"\\]*")*\})? -?[0-9.]+(E[+-]?[0-9]+)?))$""",
        RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex Line();
}
