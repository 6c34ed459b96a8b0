using Microsoft.Extensions.Time.Testing;

namespace Stolon.Integration.Hosting;

/// <summary>Waits for what other threads do, with a bound; a fake clock moves on meanwhile.</summary>
internal static class Eventually
{
    private const int MaxLooks = 2000;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(5);

    public static Task Holds(Func<bool> condition, FakeTimeProvider? time = null) =>
        Holds(() => Task.FromResult(condition()), time);

    public static async Task Holds(Func<Task<bool>> condition, FakeTimeProvider? time = null)
    {
        for (var look = 0; look < MaxLooks; look++)
        {
            if (await condition())
            {
                return;
            }

            time?.Advance(Step);
            await Task.Delay(Rest, TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.Fail("What was waited for did not happen.");
    }

    /// <summary>Lets a fake clock run in small steps while other threads work.</summary>
    public static async Task Passes(TimeSpan span, FakeTimeProvider time)
    {
        for (var passed = TimeSpan.Zero; passed < span; passed += Step)
        {
            time.Advance(Step);
            await Task.Delay(Rest, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
