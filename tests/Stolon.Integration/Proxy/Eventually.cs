using System.Diagnostics;

namespace Stolon.Integration.Proxy;

/// <summary>Waits with a bound.</summary>
internal static class Eventually
{
    /// <summary>Longer than anything may take on a busy machine.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task TrueAsync(Func<bool> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            watch.Elapsed.Should().BeLessThan(Limit, $"{what} was expected");
            await PassAsync(TimeSpan.FromMilliseconds(5));
        }
    }

    /// <summary>Lets real time pass, where its passing is what is tested.</summary>
    public static Task PassAsync(TimeSpan span) => Task.Delay(span, TimeProvider.System, TestContext.Current.CancellationToken);
}
