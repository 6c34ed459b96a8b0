using System.Xml.Linq;
using Stolon.Comparison.Measuring;
using Stolon.Comparison.Reporting;

namespace Stolon.Core.Tests.Bench;

/// <summary>The benchmark's plots, and the steps that they show.</summary>
public sealed class BenchmarkPlotTests : IDisposable
{
    private static readonly XNamespace Space = "http://www.w3.org/2000/svg";
    private static readonly DateTime Failure = new(2026, 11, 25, 12, 0, 0, DateTimeKind.Utc);

    private readonly string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.trace");

    [Theory]
    [InlineData(33, new[] { 0.0, 5, 10, 15, 20, 25, 30 })]
    [InlineData(0.4, new[] { 0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4 })]
    [InlineData(1, new[] { 0.0, 0.2, 0.4, 0.6, 0.8, 1 })]
    public void An_axis_has_round_marks_and_few_of_them(double most, double[] marks) =>
        new Axis(0, 100, 0, most).Marks().Select(mark => Math.Round(mark, 6)).Should().Equal(marks);

    [Fact]
    public void Bars_are_as_long_as_their_medians_and_the_page_names_the_unit_and_every_subject()
    {
        var svg = XDocument.Parse(BarChart.Draw("a < b", "seconds", ["ours", "theirs"], [("killed", [Statistics.Of([1, 2, 3]), Statistics.Of([10])]), ("frozen", [null, Statistics.Of([5])])]));

        var texts = svg.Descendants(Space + "text").Select(text => text.Value).ToList();
        texts.Should().Contain(["a < b", "seconds", "ours", "theirs", "killed", "frozen", "2.00", "10.00", "5.00"]);
        var bars = svg.Descendants(Space + "rect").Skip(2).Select(bar => (double)bar.Attribute("width")!).ToList();
        bars.Should().HaveCount(3);
        (bars[1] / bars[0]).Should().BeApproximately(5, 0.01);
        (bars[1] / bars[2]).Should().BeApproximately(2, 0.01);
    }

    [Fact]
    public void A_waterfall_begins_where_something_happens_and_each_step_lies_where_it_was_taken()
    {
        var steps = new[] { Step("sentinel.write", 500, 10), Step("sentinel.write", 9000, 100), Step("keeper.promote", 9200, 200) };

        var svg = XDocument.Parse(WaterfallChart.Draw("killed", new Waterfall("killed", TimeSpan.FromSeconds(9.8), steps)));

        svg.Descendants(Space + "text").Select(text => text.Value).Should().Contain("seconds, from 8.9 s after the failure on").And.NotContain("10 ms");
        var bars = svg.Descendants(Space + "rect").Select(bar => ((double)bar.Attribute("x")!, (double)bar.Attribute("width")!)).ToList();
        bars.Should().HaveCount(2);
        bars[1].Item1.Should().BeGreaterThan(bars[0].Item1 + bars[0].Item2);
        (bars[1].Item2 / bars[0].Item2).Should().BeApproximately(2, 0.01);
    }

    [Fact]
    public void Of_a_trace_only_the_steps_of_the_failover_are_shown()
    {
        File.WriteAllLines(file,
        [
            Line("keeper.promote", -5000, 10), Line("keeper.read", 10, 1), Line("keeper.report", 20, 1), Line("keeper.promote", 30, 40),
            Line("keeper.record_converged", 80, 1), Line("keeper.report", 90, 1), Line("keeper.report", 500, 1), Line("keeper.promote", 5000, 1),
            Line("proxy.check", 100, 5, ",\"opened\":false,\"closed\":false"), Line("proxy.check", 110, 5, ",\"opened\":true,\"closed\":false"), """{"name":"keeper.pro""",
        ]);

        var steps = Comparison.Measuring.Step.Read([file, file + ".missing"], Failure, TimeSpan.FromSeconds(1));

        steps.Select(step => (step.Name, step.From.TotalMilliseconds)).Should().Equal(
            ("keeper.promote", 30), ("keeper.record_converged", 80), ("keeper.report", 90), ("proxy.check", 110));
        steps[0].To.Should().Be(TimeSpan.FromMilliseconds(70));
        steps[0].Who.Should().Be("k1");
    }

    public void Dispose() => File.Delete(file);

    private static Step Step(string name, int from, int length) =>
        new(name, "k1", TimeSpan.FromMilliseconds(from), TimeSpan.FromMilliseconds(from + length), "");

    private static string Line(string name, int from, int length, string more = "") =>
        $$"""{"name":"{{name}}","start":"{{Failure.AddMilliseconds(from):O}}","ms":{{length}},"keeper":"k1","proxy":"p1"{{more}}}""";
}
