using Stolon.Cli.Output;

namespace Stolon.Cli.Tests;

/// <summary>Tables on a terminal, and in a pipe.</summary>
public sealed class ScreenTests
{
    private static readonly string[] Columns = ["KEEPER", "ADDRESS"];
    private static readonly string[][] Rows = [["keeper1", "a-host-with-a-long-name.example.org:5432"], ["keeper2", "10.0.0.1:5432"]];

    [Theory]
    [InlineData(54, true)]
    [InlineData(53, false)]
    [InlineData(0, true)]
    public void A_table_that_does_not_fit_is_not_drawn_and_nothing_is_wrapped(int width, bool isDrawn)
    {
        var output = new StringWriter();

        new Screen(output, isTerminal: true, width).Table(Columns, Rows, "none");

        var text = output.ToString();
        text.Contains('╭', StringComparison.Ordinal).Should().Be(isDrawn, text);
        text.Should().Contain("a-host-with-a-long-name.example.org:5432").And.Contain("10.0.0.1:5432");
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().HaveCount(isDrawn ? 6 : 3);
    }

    [Fact]
    public void A_pipe_gets_plain_columns()
    {
        var output = new StringWriter();

        new Screen(output, isTerminal: false, width: 200).Table(Columns, Rows, "none");

        output.ToString().Should().StartWith("KEEPER    ADDRESS\nkeeper1   a-host");
    }
}
