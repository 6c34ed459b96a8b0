using System.CommandLine;
using Microsoft.Extensions.Logging;

namespace Stolon.Cli.Options;

/// <summary>What is said, and where metrics and steps are.</summary>
internal sealed class LogFlags
{
    private readonly Option<string?> level = Flag.Choice("--log-level", "The least that is said (default info).", "info", "debug", "info", "warn", "error");
    private readonly Option<bool> color = Flag.Switch("--log-color", "Colours in the log (default: on a terminal).", fallback: !Console.IsErrorRedirected);
    private readonly Option<bool> debug = Flag.Switch("--debug", "The old name of --log-level=debug.");
    private readonly Option<string?> metrics = Flag.Text("--metrics-listen-address", "Where /metrics, /livez and /readyz listen, for example 0.0.0.0:9100 (default: nowhere).", "ADDRESS");
    private readonly Option<string?> trace = Flag.Text("--trace-file", "A file that gets a line of JSON for each step that is taken, for measuring (default: none).", "FILE");

    /// <summary>Adds the flags to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="recursive">Its sub-commands have them too.</param>
    public void AddTo(Command command, bool recursive = false)
    {
        foreach (var option in new Option[] { level, color, debug, metrics, trace })
        {
            option.Recursive = recursive;
            command.Options.Add(option);
        }
    }

    /// <summary>Reads them.</summary>
    /// <param name="parsed">The arguments.</param>
    /// <returns>The choice.</returns>
    public LogChoice Read(ParseResult parsed) => new(
        parsed.GetValue(debug) ? LogLevel.Debug : LevelOf(parsed.GetValue(level)),
        parsed.GetValue(color),
        parsed.GetValue(metrics) is { Length: > 0 } address ? address : null,
        parsed.GetValue(trace) is { Length: > 0 } file ? file : null);

    private static LogLevel LevelOf(string? word) => word switch
    {
        "debug" => LogLevel.Debug,
        "warn" => LogLevel.Warning,
        "error" => LogLevel.Error,
        _ => LogLevel.Information,
    };
}

/// <summary>What is said.</summary>
/// <param name="Level">The least that is said.</param>
/// <param name="UsesColor">Colours.</param>
/// <param name="MetricsAddress">Where the HTTP listener listens; null = nowhere.</param>
/// <param name="TraceFile">What gets the steps that are taken; null = nothing.</param>
internal sealed record LogChoice(LogLevel Level, bool UsesColor, string? MetricsAddress, string? TraceFile);
