namespace Stolon.Stores.Tests;

/// <summary>Waits with a bound.</summary>
internal static class Wait
{
    /// <summary>A guard against tests that never end; nothing is measured with it.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(10);

    /// <summary>Waits for a condition; <paramref name="between"/> two looks it leaves the processor to others.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, TimeSpan? atMost = null, string because = "", TimeSpan? between = null)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(since) > (atMost ?? Long))
            {
                throw new TimeoutException($"Did not happen in time: {because}");
            }

            await Task.Delay(between ?? Between, TimeProvider.System);
        }
    }

    /// <summary>Waits for a condition.</summary>
    public static Task UntilAsync(Func<bool> condition, TimeSpan? atMost = null, string because = "") =>
        UntilAsync(() => Task.FromResult(condition()), atMost, because);
}
