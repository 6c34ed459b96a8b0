using System.Text.RegularExpressions;

namespace Stolon.Cluster;

/// <content>How an operator lets a cluster begin: where its data comes from, and what it follows.</content>
public static partial class ClusterSpecValidation
{
    /// <summary>What an operator gave for the beginning although it begins otherwise: it would be forgotten without a word.</summary>
    private static IEnumerable<string> Unused(ClusterSpec spec)
    {
        (string Path, bool IsGiven, InitMode Of)[] configurations =
        [
            ("$.newConfig", spec.NewConfig is not null, InitMode.New),
            ("$.existingConfig", spec.ExistingConfig is not null, InitMode.Existing),
            ("$.pitrConfig", spec.PitrConfig is not null, InitMode.Pitr),
        ];
        foreach (var (path, _, of) in configurations.Where(one => one.IsGiven && spec.InitMode is { } mode && mode != one.Of))
        {
            yield return $"{path}: expected nothing with initMode {Word(spec.InitMode!.Value)}, because it is for {Word(of)}, found settings";
        }

        if (spec.StandbyConfig is not null && new ClusterSettings(spec).Role == Role.Primary)
        {
            yield return "$.standbyConfig: expected nothing with role \"master\", because it is for \"standby\", found settings";
        }
    }

    private static IEnumerable<string> GivenBeginning(ClusterSpec spec)
    {
        if (spec.ExistingConfig?.Keeper?.Value is { Length: > 0 } keeper && !SlotName().IsMatch(keeper))
        {
            yield return $"$.existingConfig.keeperUID: expected lower-case letters, digits and _, found \"{keeper}\"";
        }

        (string Path, string Value)[] texts =
        [
            ("$.newConfig.locale", spec.NewConfig?.Locale ?? ""),
            ("$.newConfig.encoding", spec.NewConfig?.Encoding ?? ""),
            ("$.pitrConfig.archiveRecoverySettings.restoreCommand", spec.PitrConfig?.ArchiveRecoverySettings?.RestoreCommand ?? ""),
            ("$.standbyConfig.archiveRecoverySettings.restoreCommand", spec.StandbyConfig?.ArchiveRecoverySettings?.RestoreCommand ?? ""),
            ("$.standbyConfig.standbySettings.primaryConninfo", spec.StandbyConfig?.StandbySettings?.PrimaryConnInfo ?? ""),
        ];
        foreach (var (path, _) in texts.Where(text => HasLineBreak(text.Value)))
        {
            yield return $"{path}: expected one line, found a line break";
        }

        if (spec.PitrConfig?.DataRestoreCommand.Contains('\0', StringComparison.Ordinal) is true)
        {
            yield return "$.pitrConfig.dataRestoreCommand: expected a command, found a NUL character";
        }

        var follows = spec.StandbyConfig is not { } standby || standby.StandbySettings is { PrimaryConnInfo.Length: > 0 }
            || standby.ArchiveRecoverySettings is { RestoreCommand.Length: > 0 };
        if (!follows && new ClusterSettings(spec).Role == Role.Standby)
        {
            yield return "$.standbyConfig: expected standbySettings.primaryConninfo or archiveRecoverySettings.restoreCommand, found neither";
        }
    }

    /// <summary>What PostgreSQL would refuse of recovery only when it starts.</summary>
    private static IEnumerable<string> GivenRecovery(ClusterSpec spec)
    {
        const string Target = "$.pitrConfig.recoveryTargetSettings";
        const string Standby = "$.standbyConfig.standbySettings";
        var (target, standby) = (spec.PitrConfig?.RecoveryTargetSettings, spec.StandbyConfig?.StandbySettings);
        string[] targets = target is null ? [] : [target.Target, target.TargetLsn, target.TargetName, target.TargetTime, target.TargetXid];
        if (targets.Count(text => text.Length > 0) is var count and > 1)
        {
            yield return $"{Target}: expected at most one target, because PostgreSQL takes no more, found {count}";
        }

        (string Path, string? Value, Regex Pattern, string Expected)[] texts =
        [
            ($"{Target}.recoveryTarget", target?.Target, Immediate(), "\"immediate\""),
            ($"{Target}.recoveryTargetLsn", target?.TargetLsn, WalPosition(), "a WAL position such as \"0/3000028\""),
            ($"{Target}.recoveryTargetName", target?.TargetName, ShortLine(), $"one line of at most {LongestName} characters"),
            ($"{Target}.recoveryTargetTime", target?.TargetTime, Moment(), "a time such as \"2026-03-14 09:26:53+00\""),
            ($"{Target}.recoveryTargetXid", target?.TargetXid, Digits(), "a transaction's number"),
            ($"{Target}.recoveryTargetTimeline", target?.TargetTimeline, TimelineWord(), "\"current\", \"latest\" or a timeline's number"),
            ($"{Standby}.primarySlotName", standby?.PrimarySlotName, ShortSlotName(), $"at most {LongestName} lower-case letters, digits and _"),
            ($"{Standby}.recoveryMinApplyDelay", standby?.RecoveryMinApplyDelay, Delay(), "a time such as \"5min\""),
        ];
        foreach (var (path, value, _, expected) in texts.Where(text => text.Value is { Length: > 0 } value && !text.Pattern.IsMatch(value)))
        {
            yield return $"{path}: expected {expected}, found \"{value}\"";
        }
    }

    [GeneratedRegex(@"\A(immediate)\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Immediate();

    [GeneratedRegex(@"\A[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex WalPosition();

    [GeneratedRegex(@"\A[^\n\r\0]{1,63}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ShortLine();

    /// <summary>It has a date in it, in whatever order: the rest is PostgreSQL's to read.</summary>
    [GeneratedRegex(@"\A[^\n\r\0]*[0-9][^\n\r\0]*\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Moment();

    [GeneratedRegex(@"\A[0-9]{1,20}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Digits();

    [GeneratedRegex(@"\A(current|latest|[0-9]{1,10}|0[xX][0-9A-Fa-f]{1,8})\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TimelineWord();

    [GeneratedRegex(@"\A[a-z0-9_]{1,63}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ShortSlotName();

    [GeneratedRegex(@"\A\s*[0-9]+(\.[0-9]+)?\s*(us|ms|s|min|h|d)?\s*\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Delay();
}
