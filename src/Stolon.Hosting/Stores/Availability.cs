using Microsoft.Extensions.Logging;

namespace Stolon.Hosting.Stores;

/// <summary>Says once when the store goes away, each cause once until all is well again, and once when it is back.</summary>
internal sealed class Availability(string path, Action isAway, Action isBack, ILogger logger)
{
    private readonly Lock gate = new();
    private readonly HashSet<string> failing = new(StringComparer.Ordinal);
    private readonly HashSet<string> said = new(StringComparer.Ordinal);

    /// <summary>A call failed.</summary>
    /// <param name="activity">Reading or writing.</param>
    /// <param name="reason">Why.</param>
    public void Fails(string activity, string reason)
    {
        lock (gate)
        {
            failing.Add(activity);
            if (!said.Add(reason))
            {
                return;
            }

            logger.StoreUnavailable(activity, reason);
        }

        isAway();
    }

    /// <summary>A call succeeded.</summary>
    /// <param name="activity">Reading or writing.</param>
    public void Works(string activity)
    {
        lock (gate)
        {
            if (!failing.Remove(activity))
            {
                return;
            }

            logger.StoreAvailable(path, activity);
            if (failing.Count == 0)
            {
                said.Clear();
            }
        }

        isBack();
    }
}
