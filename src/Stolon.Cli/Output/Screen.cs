using Spectre.Console;

namespace Stolon.Cli.Output;

/// <summary>Standard output: tables with lines for people on a terminal, plain aligned columns for a pipe or a file.</summary>
/// <param name="output">Where to write.</param>
/// <param name="isTerminal">Somebody looks at a terminal.</param>
/// <param name="width">How many characters fit into a line of the terminal; 0 = it does not say.</param>
internal sealed class Screen(TextWriter output, bool isTerminal, int width)
{
    private const int UsualWidth = 80;
    private const string Gap = "   ";

    /// <summary>What a drawn column needs beside its text: a line and two spaces.</summary>
    private const int Frame = 3;

    private bool isFirst = true;

    /// <summary>Standard output as it is.</summary>
    public static Screen Standard { get; } = new(Console.Out, !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"), WidthOf());

    /// <summary>Writes a line.</summary>
    /// <param name="text">The line.</param>
    public void Line(string text = "") => output.WriteLine(text);

    /// <summary>Begins a section.</summary>
    /// <param name="title">Its title.</param>
    public void Section(string title)
    {
        if (!isFirst)
        {
            output.WriteLine();
        }

        isFirst = false;
        if (isTerminal)
        {
            Ansi().MarkupLineInterpolated($"[bold]{title}[/]");
        }
        else
        {
            output.WriteLine($"=== {title} ===");
            output.WriteLine();
        }
    }

    /// <summary>Writes a table.</summary>
    /// <param name="columns">The titles of its columns.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="none">What to say when there are none.</param>
    public void Table(string[] columns, IReadOnlyCollection<string[]> rows, string none)
    {
        if (rows.Count == 0)
        {
            output.WriteLine(none);
        }
        else
        {
            var widths = columns.Select((column, index) => rows.Select(row => row[index].Length).Append(column.Length).Max()).ToArray();
            var drawn = widths.Sum() + (widths.Length * Frame) + 1;
            if (isTerminal && drawn <= (width > 0 ? width : UsualWidth))
            {
                Pretty(columns, rows, drawn);
            }
            else
            {
                Plain(columns, rows, widths);
            }
        }
    }

    private static int WidthOf()
    {
        try
        {
            return Console.IsOutputRedirected ? 0 : Console.WindowWidth;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private void Pretty(string[] columns, IReadOnlyCollection<string[]> rows, int drawn)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column)));
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(Markup.Escape).ToArray());
        }

        var ansi = Ansi();
        ansi.Profile.Width = drawn;
        ansi.Write(table);
    }

    private void Plain(string[] columns, IReadOnlyCollection<string[]> rows, int[] widths)
    {
        foreach (var row in rows.Prepend(columns))
        {
            output.WriteLine(string.Join(Gap, row.Select((cell, index) => cell.PadRight(widths[index]))).TrimEnd());
        }
    }

    private IAnsiConsole Ansi() => AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
}
