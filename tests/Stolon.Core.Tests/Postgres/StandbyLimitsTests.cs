using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Core.Tests.Postgres;

/// <summary>What a standby must at least run with.</summary>
public sealed class StandbyLimitsTests
{
    private static readonly ValueMap<string, int> Least = StandbyLimits.Read(name => name switch
    {
        "max_connections setting" => "200",
        "max_worker_processes setting" => "8",
        "max_prepared_xacts setting" => "5",
        _ => null,
    });

    [Theory]
    [InlineData("max_connections", "100", "200")]
    [InlineData("max_connections", null, "200")]
    [InlineData("max_connections", "300", "300")]
    [InlineData("max_connections", "many", "many")]
    [InlineData("max_worker_processes", null, null)]
    [InlineData("max_worker_processes", "4", "8")]
    [InlineData("max_prepared_transactions", null, "5")]
    [InlineData("max_wal_senders", "3", "3")]
    public void A_limit_below_that_of_the_control_file_is_raised(string name, string? asked, string? written)
    {
        var parameters = ValueMap<string, string>.Empty;

        StandbyLimits.Raise(asked is null ? parameters : parameters.With(name, asked), Least).Find(name).Should().Be(written);
    }

    [Fact]
    public void Nothing_is_changed_where_nothing_is_too_low()
    {
        var parameters = ValueMap<string, string>.Empty.With("max_connections", "500").With("max_prepared_transactions", "5");

        StandbyLimits.Raise(parameters, Least).Should().BeSameAs(parameters);
    }
}
