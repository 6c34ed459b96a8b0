using Microsoft.Extensions.Time.Testing;
using Stolon.Hosting.Sentinel;
using Stolon.Hosting.Time;

namespace Stolon.Integration.Hosting;

[Trait("Rule", "S12")]
[Trait("Rule", "S10")]
public sealed class WaitTests
{
    private static readonly TimeSpan Years = TimeSpan.FromDays(3650);
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider time = new();

    [Fact]
    public async Task A_keeper_that_shall_wait_for_years_looks_again_after_an_hour()
    {
        var rang = new Wake().WaitAsync(Years, time, Cancel);

        time.Advance(TimeSpan.FromHours(1));

        (await rang.WaitAsync(TimeSpan.FromSeconds(10), Cancel)).Should().BeFalse();
    }

    [Fact]
    public async Task A_sentinel_that_shall_rest_for_years_looks_again_after_an_hour()
    {
        using var signal = new WakeSignal(time);
        var (start, rest) = (time.Now(), signal.RestAsync(Years, Waits.Shortest, Cancel));

        await Eventually.Holds(() =>
        {
            time.Advance(TimeSpan.FromMinutes(1));
            return rest.IsCompleted;
        });

        await rest;
        (time.Now() - start).Should().BeGreaterThan(TimeSpan.FromMinutes(50));
    }

    [Theory]
    [InlineData(0, 50)]
    [InlineData(200, 200)]
    [InlineData(int.MaxValue, 3_600_000)]
    public void A_wait_is_never_shorter_than_50_ms_and_never_longer_than_an_hour(int asked, int given) =>
        TimeSpan.FromMilliseconds(asked).Bounded().Should().Be(TimeSpan.FromMilliseconds(given));
}
