using Spectre.Console;

namespace Stolon.Cli.Output;

/// <summary>Standard output: tables with lines for people on a terminal, plain aligned columns for a pipe or a file.</summary>
/// <param name="output">Where to write.</param>
/// <param name="isTerminal">Somebody looks at a terminal.</param>
internal sealed class Screen(TextWriter output, bool isTerminal)
{
    private const string Gap = "   ";
    private bool isFirst = true;

    /// <summary>Standard output as it is.</summary>
    public static Screen Standard { get; } = new(Console.Out, !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"));

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
        else if (isTerminal)
        {
            Pretty(columns, rows);
        }
        else
        {
            Plain(columns, rows);
        }
    }

    private void Pretty(string[] columns, IReadOnlyCollection<string[]> rows)
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

        Ansi().Write(table);
    }

    private void Plain(string[] columns, IReadOnlyCollection<string[]> rows)
    {
        var widths = columns.Select((column, index) => rows.Select(row => row[index].Length).Append(column.Length).Max()).ToArray();
        foreach (var row in rows.Prepend(columns))
        {
            output.WriteLine(string.Join(Gap, row.Select((cell, index) => cell.PadRight(widths[index]))).TrimEnd());
        }
    }

    private IAnsiConsole Ansi() => AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
}
