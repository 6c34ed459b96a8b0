using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Stolon.Cluster;

/// <summary>
/// Whether a cluster specification is valid. Rules M11 and M12. Each complaint is a sentence that begins with the JSON path and says what
/// was expected and what was found; all are made at once.
/// </summary>
public static partial class ClusterSpecValidation
{
    /// <summary>The prefix of our own objects inside PostgreSQL (M4).</summary>
    private const string ReservedPrefix = "stolon_";

    private static readonly ImmutableArray<string> AuthMethods = ["scram-sha-256", "md5", "trust"];

    /// <summary>What makes a specification unusable, wherever it comes from (M11): who reads one with an error does nothing.</summary>
    /// <param name="spec">The specification.</param>
    /// <returns>The errors; empty = it is valid.</returns>
    public static ImmutableArray<string> Validate(this ClusterSpec spec) =>
    [
        .. Durations(spec), .. Counts(spec), .. Initialisation(spec), .. Slots(spec), .. Hba(spec), .. Roles(spec),
    ];

    /// <summary>What makes a specification unusable as the first one of a cluster: an operator gave it just now, so more is refused.</summary>
    /// <param name="spec">The specification.</param>
    /// <returns>The errors; empty = it may be used.</returns>
    public static ImmutableArray<string> ValidateForInit(this ClusterSpec spec) =>
        [.. spec.ValidateForForcedInit(), .. Given(spec), .. Unused(spec)];

    /// <summary>What even an operator who insists cannot begin with: what every reader of the document would refuse, and misspelt fields.</summary>
    /// <param name="spec">The specification.</param>
    /// <returns>The errors; empty = it may be used.</returns>
    public static ImmutableArray<string> ValidateForForcedInit(this ClusterSpec spec) =>
        [.. spec.Validate(), .. spec.FindUnknown().Select(Unknown)];

    /// <summary>What makes a specification unusable as the next one of a cluster (M12).</summary>
    /// <param name="spec">The next specification, after <see cref="ClusterSpecJson.Merge"/> of a patch.</param>
    /// <param name="from">The present one. Unknown fields that it has already are kept without complaint.</param>
    /// <returns>The errors; empty = it may be used.</returns>
    public static ImmutableArray<string> ValidateForUpdate(this ClusterSpec spec, ClusterSpec from) =>
        [.. spec.ValidateForForcedUpdate(from), .. Given(spec)];

    /// <summary>What even an operator who insists cannot do: what every reader of the document would refuse, and misspelt fields.</summary>
    /// <param name="spec">The next specification.</param>
    /// <param name="from">The present one.</param>
    /// <returns>The errors; empty = it may be used.</returns>
    public static ImmutableArray<string> ValidateForForcedUpdate(this ClusterSpec spec, ClusterSpec from) =>
        [.. spec.ValidateChange(from), .. spec.FindUnknown().Except(from.FindUnknown()).Select(Unknown)];

    /// <summary>What makes the change from one specification to another impossible, errors of the new one included (M12).</summary>
    /// <param name="spec">The next specification.</param>
    /// <param name="from">The present one.</param>
    /// <returns>The errors; empty = the change is possible.</returns>
    public static ImmutableArray<string> ValidateChange(this ClusterSpec spec, ClusterSpec from)
    {
        var errors = ImmutableArray.CreateBuilder<string>();
        errors.AddRange(spec.Validate());
        if (spec.InitMode is { } mode && from.InitMode is { } before && mode != before)
        {
            errors.Add($"$.initMode: expected {Word(before)} as before, because it cannot change, found {Word(mode)}");
        }

        if (new ClusterSettings(from).Role == Role.Primary && new ClusterSettings(spec).Role == Role.Standby)
        {
            errors.Add("$.role: expected \"master\" as before, because a cluster cannot become a standby cluster, found \"standby\"");
        }

        return errors.ToImmutable();
    }

    /// <summary>M11.1.</summary>
    private static IEnumerable<string> Durations(ClusterSpec spec)
    {
        var settings = new ClusterSettings(spec);
        foreach (var (name, value) in AllDurations(settings).Where(entry => entry.Value < TimeSpan.Zero))
        {
            yield return $"$.{name}: expected 0s or more, found {Text(value)}";
        }

        foreach (var (name, value) in AllDurations(settings).Where(entry => entry.Value > GoDuration.Longest))
        {
            yield return $"$.{name}: expected at most {Text(GoDuration.Longest)}, which is all that stolon's programs can read, found {Text(value)}";
        }

        if (settings.ProxyCheckInterval >= settings.ProxyTimeout)
        {
            yield return $"$.proxyCheckInterval: expected less than proxyTimeout ({Text(settings.ProxyTimeout)}), "
                + $"found {Text(settings.ProxyCheckInterval)}";
        }
    }

    private static IEnumerable<(string Name, TimeSpan Value)> AllDurations(ClusterSettings settings) =>
    [
        ("sleepInterval", settings.SleepInterval),
        ("requestTimeout", settings.RequestTimeout),
        ("convergenceTimeout", settings.ConvergenceTimeout),
        ("initTimeout", settings.InitTimeout),
        ("syncTimeout", settings.SyncTimeout),
        ("dbWaitReadyTimeout", settings.DbWaitReadyTimeout),
        ("failInterval", settings.FailInterval),
        ("deadKeeperRemovalInterval", settings.DeadKeeperRemovalInterval),
        ("proxyCheckInterval", settings.ProxyCheckInterval),
        ("proxyTimeout", settings.ProxyTimeout),
    ];

    /// <summary>M11.2.</summary>
    private static IEnumerable<string> Counts(ClusterSpec spec)
    {
        var settings = new ClusterSettings(spec);
        (string Name, int Value)[] counts =
        [
            ("maxStandbys", settings.MaxStandbys),
            ("maxStandbysPerSender", settings.MaxStandbysPerSender),
            ("maxSynchronousStandbys", settings.MaxSynchronousStandbys),
        ];
        foreach (var (name, value) in counts.Where(entry => entry.Value < 1))
        {
            yield return $"$.{name}: expected 1 or more, found {value}";
        }

        if (settings.MaxSynchronousStandbys < settings.MinSynchronousStandbys)
        {
            yield return $"$.maxSynchronousStandbys: expected minSynchronousStandbys ({settings.MinSynchronousStandbys}) or more, "
                + $"found {settings.MaxSynchronousStandbys}";
        }

        if (settings.MaxStandbyLag is < 0 or > uint.MaxValue)
        {
            yield return $"$.maxStandbyLag: expected 0 to {uint.MaxValue} bytes, found {settings.MaxStandbyLag}";
        }
    }

    /// <summary>M11.3 and M11.6.</summary>
    private static IEnumerable<string> Initialisation(ClusterSpec spec)
    {
        var role = new ClusterSettings(spec).Role;
        switch (spec.InitMode)
        {
            case null:
                yield return "$.initMode: expected \"new\", \"existing\" or \"pitr\", found nothing";
                break;
            case InitMode.New when role == Role.Standby:
                yield return "$.role: expected \"master\" with initMode \"new\", found \"standby\"";
                break;
            case InitMode.Existing when string.IsNullOrEmpty(spec.ExistingConfig?.Keeper?.Value):
                yield return "$.existingConfig.keeperUID: expected the uid of a keeper with initMode \"existing\", found nothing";
                break;
            case InitMode.Pitr when string.IsNullOrEmpty(spec.PitrConfig?.DataRestoreCommand):
                yield return "$.pitrConfig.dataRestoreCommand: expected a command with initMode \"pitr\", found nothing";
                break;
            default:
                break;
        }

        if (spec.InitMode is { } mode && mode is not (InitMode.New or InitMode.Existing or InitMode.Pitr))
        {
            yield return $"$.initMode: expected \"new\", \"existing\" or \"pitr\", found {Word(mode)}";
        }

        if (spec.InitMode == InitMode.Pitr && spec.PitrConfig?.RecoveryTargetSettings is not null && role != Role.Primary)
        {
            yield return "$.pitrConfig.recoveryTargetSettings: expected nothing with role \"standby\", found settings";
        }
    }

    /// <summary>M11.4.</summary>
    private static IEnumerable<string> Slots(ClusterSpec spec) =>
        spec.AdditionalPrimaryReplicationSlots
            .Select((name, index) => (Name: name, Path: $"$.additionalMasterReplicationSlots[{index}]"))
            .Where(slot => !SlotName().IsMatch(slot.Name) || slot.Name.StartsWith(ReservedPrefix, StringComparison.Ordinal))
            .Select(slot => $"{slot.Path}: expected lower-case letters, digits and _, without the prefix {ReservedPrefix}, found \"{slot.Name}\"");

    /// <summary>M11.5, and the method of our own lines.</summary>
    private static IEnumerable<string> Hba(ClusterSpec spec)
    {
        var lines = spec.PgHba ?? [];
        for (var index = 0; index < lines.Count; index++)
        {
            if (lines[index].Contains('\n', StringComparison.Ordinal))
            {
                yield return $"$.pgHBA[{index}]: expected one line, found a line break";
            }
        }

        if (spec.DefaultAuthMethod is { } method && !AuthMethods.Contains(method))
        {
            yield return $"$.defaultAuthMethod: expected one of {string.Join(", ", AuthMethods)}, found \"{method}\"";
        }
    }

    /// <summary>M11.7. Unknown words do not come so far: the JSON refuses them.</summary>
    private static IEnumerable<string> Roles(ClusterSpec spec)
    {
        if (new ClusterSettings(spec).Role == Role.Standby && spec.StandbyConfig is null)
        {
            yield return "$.standbyConfig: expected what to follow with role \"standby\", found nothing";
        }
    }

    private static string Unknown((string Path, string Hint) field) => $"{field.Path}: unknown field{field.Hint}";

    private static string Text(TimeSpan duration) => GoDuration.Format(duration);

    private static string Word(InitMode mode) => $"\"{mode.ToString().ToLowerInvariant()}\"";

    [GeneratedRegex(@"\A[a-z0-9_]+\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SlotName();
}
