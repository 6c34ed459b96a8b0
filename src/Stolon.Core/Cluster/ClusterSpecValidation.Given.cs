using System.Text.RegularExpressions;

namespace Stolon.Cluster;

/// <content>What an operator gives is looked at more closely than what a document holds.</content>
public static partial class ClusterSpecValidation
{
    /// <summary>What is looked at so often must not be busy, and not be forgotten.</summary>
    private static readonly (TimeSpan Least, TimeSpan Most) Interval = (TimeSpan.FromMilliseconds(50), TimeSpan.FromHours(1));

    /// <summary>What is waited for: the longest wait that a timer takes is 49 days, and twice a timeout is waited for. 0 = none.</summary>
    private static readonly (TimeSpan Least, TimeSpan Most) Timeout = (TimeSpan.Zero, TimeSpan.FromDays(24));

    /// <summary>What is only compared with the calendar.</summary>
    private static readonly (TimeSpan Least, TimeSpan Most) Calendar = (TimeSpan.Zero, TimeSpan.FromDays(3650));

    /// <summary>What PostgreSQL has room for in a name.</summary>
    private const int LongestName = 63;

    /// <summary>What is refused from an operator, but must be lived with in a document.</summary>
    private static IEnumerable<string> Given(ClusterSpec spec)
    {
        if (spec.FailInterval is { } fail && fail >= TimeSpan.Zero && fail < FencingMargin.ShortestFailInterval)
        {
            yield return $"$.failInterval: expected at least 3s, so that a primary that is cut off can stop in time, found {Text(fail)}";
        }

        foreach (var (name, value) in AllDurations(new ClusterSettings(spec)))
        {
            var (least, most) = Range(name);
            if (value >= TimeSpan.Zero && (value < least || value > most))
            {
                yield return $"$.{name}: expected {Text(least)} to {Text(most)}, found {Text(value)}";
            }
        }

        string[] more = [.. GivenCounts(spec), .. GivenSlots(spec), .. GivenPostgres(spec), .. GivenBeginning(spec), .. GivenRecovery(spec)];
        foreach (var mistake in more)
        {
            yield return mistake;
        }
    }

    private static IEnumerable<string> GivenCounts(ClusterSpec spec)
    {
        if (spec is { MaxStandbys: { } most, MaxStandbysPerSender: { } wanted } && wanted > most)
        {
            yield return $"$.maxStandbysPerSender: expected at most maxStandbys ({most}), for which the primary has room, found {wanted}";
        }
    }

    private static IEnumerable<string> GivenSlots(ClusterSpec spec)
    {
        var names = spec.AdditionalPrimaryReplicationSlots;
        for (var index = 0; index < names.Count; index++)
        {
            var path = $"$.additionalMasterReplicationSlots[{index}]";
            if (ReservedPrefix.Length + names[index].Length > LongestName)
            {
                yield return $"{path}: expected at most {LongestName - ReservedPrefix.Length} characters, found {names[index].Length}";
            }

            if (names.Take(index).Contains(names[index], StringComparer.Ordinal))
            {
                yield return $"{path}: expected each name once, found \"{names[index]}\" again";
            }
        }
    }

    private static IEnumerable<string> GivenPostgres(ClusterSpec spec)
    {
        foreach (var (line, index) in (spec.PgHba ?? []).Select((line, index) => (line, index)))
        {
            if (!line.Contains('\n', StringComparison.Ordinal) && HasLineBreak(line))
            {
                yield return $"$.pgHBA[{index}]: expected one line, found a line break";
            }
        }

        var seen = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in spec.PgParameters)
        {
            if (!seen.TryAdd(name, name))
            {
                yield return $"$.pgParameters.{name}: expected each parameter once, found {seen[name]} too, which is the same to PostgreSQL";
            }

            if (!ParameterName().IsMatch(name))
            {
                yield return $"$.pgParameters: expected names of parameters, found \"{name}\"";
            }
            else if (HasLineBreak(value))
            {
                yield return $"$.pgParameters.{name}: expected one line, found a line break";
            }
        }
    }

    private static (TimeSpan Least, TimeSpan Most) Range(string duration) => duration switch
    {
        "sleepInterval" or "proxyCheckInterval" or "requestTimeout" => Interval,
        "deadKeeperRemovalInterval" => Calendar,
        _ => Timeout,
    };

    private static bool HasLineBreak(string text) => text.AsSpan().IndexOfAny('\n', '\r', '\0') >= 0;

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)*\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ParameterName();
}
