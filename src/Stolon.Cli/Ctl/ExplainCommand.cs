using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Stolon.Cli.Output;
using Stolon.Cluster;
using Stolon.Planning;
using Stolon.Storage;

namespace Stolon.Cli.Ctl;

/// <summary><c>ctl explain</c>: who is primary and why, who would be next and why, who cannot be and why not.</summary>
internal static class ExplainCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="context">What the commands share.</param>
    /// <returns>The command.</returns>
    public static Command Create(CtlContext context)
    {
        var format = FormatFlag.Create();
        var command = new Command("explain", "Says who is primary and why, who would be next, and who cannot be and why not.") { format };
        command.SetAction((parsed, _) => context.RunAsync(parsed, async (session, token) =>
        {
            var question = await LiveQuestion.ReadAsync(session, token).ConfigureAwait(false);
            var explanation = PrimaryExplanation.Of(question);
            var origin = Origin(explanation.Primary, await session.Administration.GetHistoryAsync(token).ConfigureAwait(false));
            var leader = await session.Store.ReadLeaderAsync(token).ConfigureAwait(false);
            var notice = Notice(question, explanation.Primary, leader);
            if (FormatFlag.IsJson(parsed, format))
            {
                Json.Print(writer => Write(writer, explanation, origin, notice));
            }
            else
            {
                Show(explanation, origin, notice, Screen.Standard);
            }
        }));
        return command;
    }

    /// <summary>The decision that made the primary what it is: the last one that names it and another role.</summary>
    private static Decision? Origin(Database? primary, ImmutableArray<Decision> history)
    {
        string[] kinds = [nameof(Reason.PrimaryElected), nameof(Reason.Initialized), nameof(Reason.DocumentLifted), nameof(Reason.InitializationStarted), nameof(Reason.SwitchoverFinished)];
        return primary is null
            ? null
            : history.LastOrDefault(decision => kinds.Contains(decision.Kind, StringComparer.Ordinal) && decision.Text.Contains(primary.Uid.Value, StringComparison.Ordinal));
    }

    /// <summary>Who is alive is what the leader wrote down: without one, or without the primary's keeper, that may be long ago.</summary>
    private static string Notice(WhatIfQuestion question, Database? primary, SentinelId? leader)
    {
        var gone = leader is null
            ? "No sentinel leads"
            : primary is not null && question.LastReports.All(report => report.Uid != primary.Spec.Keeper)
                ? $"Keeper {primary.Spec.Keeper}, which holds the primary, reports nothing"
                : null;
        return gone is null ? "" : $"{gone}; this is what was written at {question.Data.ChangeTime.Text}.";
    }

    private static void Show(PrimaryExplanation explanation, Decision? origin, string notice, Screen screen)
    {
        if (notice.Length > 0)
        {
            screen.Line(notice);
            screen.Line();
        }

        screen.Section("Primary");
        if (explanation.Primary is { } primary)
        {
            screen.Line($"{primary.Uid} on keeper {primary.Spec.Keeper}, {Address(primary)}, timeline {primary.Status.TimelineId}");
            screen.Line(origin is null
                ? "The document names it; the history does not say since when."
                : $"{HistoryCommand.Time(origin)} {origin.Kind}: {origin.Text}");
        }
        else
        {
            screen.Line("There is none.");
        }

        screen.Line(explanation.State);
        screen.Section("Next");
        screen.Table(
            ["DB", "KEEPER", "BYTES BEHIND", "WHY"],
            [.. explanation.Successors.Select((next, index) => new[] { next.Db.Value, next.Keeper.Value, $"{next.BytesBehind}", WhyNext(explanation.Successors, index) })],
            explanation.Primary is null ? "Nobody can follow a primary that there is not." : "Nobody could take over.");
        screen.Section("Cannot be primary");
        screen.Table(
            ["KEEPER", "DB", "RULE", "WHY NOT"],
            [.. explanation.Excluded.Select(excluded => new[] { excluded.Keeper.Value, excluded.Db?.Value ?? "-", excluded.Rule, excluded.Why })],
            "Nobody is excluded.");
        if (explanation.Reasons.Length > 0)
        {
            screen.Section("What the planner says now");
            foreach (var reason in explanation.Reasons)
            {
                screen.Line($"- {reason.Text}");
            }
        }
    }

    /// <summary>Q5: the most advanced wins, then the lower uid.</summary>
    private static string WhyNext(ImmutableArray<Successor> all, int index) => index > 0
        ? $"after {all[index - 1].Keeper}: {(all[index].BytesBehind > all[index - 1].BytesBehind ? "it has less of the WAL" : "as advanced, by uid")} (N4)"
        : all.Length == 1
            ? "nobody else may take over (N4)"
            : all[1].BytesBehind > all[0].BytesBehind ? "it has the most WAL of those that may (N4)" : "nobody has more of the WAL; the lowest uid of those (N4)";

    private static string Address(Database db) => db.Status.ListenAddress.Length > 0 ? $"{db.Status.ListenAddress}:{db.Status.Port}" : "address unknown";

    private static void Write(Utf8JsonWriter writer, PrimaryExplanation explanation, Decision? origin, string notice)
    {
        writer.WriteStartObject();
        writer.WriteString("notice", notice);
        writer.WriteStartObject("primary");
        writer.WriteString("db", explanation.Primary?.Uid.Value ?? "");
        writer.WriteString("keeper", explanation.Primary?.Spec.Keeper.Value ?? "");
        writer.WriteString("state", explanation.State);
        if (origin is not null)
        {
            writer.WritePropertyName("decision");
            HistoryCommand.Write(writer, origin);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("next");
        for (var index = 0; index < explanation.Successors.Length; index++)
        {
            var next = explanation.Successors[index];
            writer.WriteStartObject();
            writer.WriteString("db", next.Db.Value);
            writer.WriteString("keeper", next.Keeper.Value);
            writer.WriteNumber("bytesBehind", next.BytesBehind);
            writer.WriteString("why", WhyNext(explanation.Successors, index));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteExcluded(writer, explanation);
        writer.WriteEndObject();
    }

    private static void WriteExcluded(Utf8JsonWriter writer, PrimaryExplanation explanation)
    {
        writer.WriteStartArray("excluded");
        foreach (var excluded in explanation.Excluded)
        {
            writer.WriteStartObject();
            writer.WriteString("keeper", excluded.Keeper.Value);
            writer.WriteString("db", excluded.Db?.Value ?? "");
            writer.WriteString("rule", excluded.Rule);
            writer.WriteString("why", excluded.Why);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("reasons");
        foreach (var reason in explanation.Reasons)
        {
            WhatIfJson.Write(writer, reason);
        }

        writer.WriteEndArray();
    }
}
