using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Stolon.Cli.Output;
using Stolon.Cluster;
using Stolon.Storage;

namespace Stolon.Cli.Ctl;

/// <summary><c>ctl history</c>: what was decided, and why.</summary>
internal static class HistoryCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="context">What the commands share.</param>
    /// <returns>The command.</returns>
    public static Command Create(CtlContext context)
    {
        var format = FormatFlag.Create();
        var command = new Command("history", "Shows the last decisions and their reasons, oldest first.") { format };
        command.SetAction((parsed, _) => context.RunAsync(parsed, async (session, token) =>
        {
            var history = await session.Administration.GetHistoryAsync(token).ConfigureAwait(false);
            if (history.IsEmpty && !(await session.LookAsync(token).ConfigureAwait(false)).IsThere)
            {
                throw session.Missing;
            }

            if (FormatFlag.IsJson(parsed, format))
            {
                Json.Print(writer =>
                {
                    writer.WriteStartArray();
                    foreach (var decision in history)
                    {
                        Write(writer, decision);
                    }

                    writer.WriteEndArray();
                });
            }
            else
            {
                Screen.Standard.Table(
                    ["TIME", "BY", "DECISION", "REASON"],
                    [.. history.Select(decision => new[] { Time(decision), By(decision), decision.Kind, decision.Text })],
                    "No decisions yet");
            }
        }));
        return command;
    }

    /// <summary>A decision as JSON.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="decision">The decision.</param>
    public static void Write(Utf8JsonWriter writer, Decision decision)
    {
        writer.WriteStartObject();
        writer.WriteString("time", Timestamp.From(decision.Time).Text);
        writer.WriteString("sentinel", decision.Sentinel);
        writer.WriteString("kind", decision.Kind);
        writer.WriteString("text", decision.Text);
        writer.WriteEndObject();
    }

    /// <summary>The time of a decision for people.</summary>
    /// <param name="decision">The decision.</param>
    /// <returns>UTC, to the second.</returns>
    public static string Time(Decision decision) => decision.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string By(Decision decision) => decision.Sentinel.Length > 0 ? decision.Sentinel : "operator";
}
