using System.Net.Sockets;
using Npgsql;

namespace Stolon.Comparison.Machines;

/// <summary>Waits with a bound.</summary>
internal static class Patience
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until something holds; what cannot be asked does not hold yet.</summary>
    /// <exception cref="ComparisonException">It does not hold within the limit.</exception>
    public static async Task UntilAsync(Func<Task<bool>> holds, TimeSpan limit, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        var last = "";
        while (TimeProvider.System.GetElapsedTime(began) < limit)
        {
            try
            {
                if (await holds())
                {
                    return;
                }
            }
            catch (Exception exception)
                when (exception is NpgsqlException or HttpRequestException or TaskCanceledException or IOException or TimeoutException or SocketException)
            {
                last = $" ({exception.Message})";
            }

            await Task.Delay(BetweenLooks, TimeProvider.System);
        }

        throw new ComparisonException($"Waited {limit.TotalSeconds:0} s in vain until {what}{last}.");
    }
}

/// <summary>The measurement cannot go on: what happened, and what helps.</summary>
internal sealed class ComparisonException(string message) : Exception(message);
