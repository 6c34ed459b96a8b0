using Npgsql;
using Stolon.Hosting.Client;

namespace Stolon.Integration.Hosting;

/// <summary>What a client of a cluster makes of its connection string.</summary>
public sealed class DataSourcePlanTests
{
    private const string Login = "Username=app;Password=s3cret;Database=orders";

    [Theory]
    [InlineData("Host=h0:5432,h1:5433")]
    [InlineData("Host=h0, h1;Port=6432")]
    [InlineData("Host=[fd00::1]:5432,[fd00::2]:5432")]
    [InlineData("Server=10.0.0.1,10.0.0.2,10.0.0.3")]
    public void Of_several_hosts_one_source_wants_the_primary_and_the_other_prefers_standbys(string hosts)
    {
        var plan = DataSourcePlan.For($"{hosts};{Login}");

        plan.HasSeveralHosts.Should().BeTrue();
        plan.Main.Should().Be(TargetSessionAttributes.Primary);
        plan.Standby.Should().Be(TargetSessionAttributes.PreferStandby);
        var settings = Read(plan);
        settings.Host.Should().Be(Read(hosts).Host);
        settings.Port.Should().Be(Read(hosts).Port);
        (settings.LoadBalanceHosts, settings.Timeout, settings.HostRecheckSeconds).Should().Be((true, 5, 0));
        (settings.TcpKeepAliveTime, settings.TcpKeepAliveInterval).Should().Be((5, 1));
        (settings.Username, settings.Password, settings.Database).Should().Be(("app", "s3cret", "orders"));
    }

    [Theory]
    [InlineData("Host=h0")]
    [InlineData("Host=h0:6432")]
    [InlineData("Host=::1")]
    [InlineData("Host=[::1]:6432")]
    public void With_one_host_there_is_no_choice_and_the_time_for_connecting_stays_longer_than_a_proxy_lets_a_client_wait(string host)
    {
        var plan = DataSourcePlan.For($"{host};{Login}");

        plan.HasSeveralHosts.Should().BeFalse();
        var settings = Read(plan);
        settings.Host.Should().Be(Read(host).Host);
        settings.Timeout.Should().Be(new NpgsqlConnectionStringBuilder().Timeout).And.BeGreaterThan(10);
        (settings.TcpKeepAliveTime, settings.TcpKeepAliveInterval).Should().Be((5, 1));
        Named(plan).Should().NotContain(["Timeout", "Host Recheck Seconds", "Load Balance Hosts"]);
    }

    [Fact]
    public void What_the_connection_string_names_stays_also_where_it_is_what_Npgsql_does_anyway()
    {
        var plan = DataSourcePlan.For(
            "Host=h0,h1;Timeout=15;HostRecheckSeconds=10;Load Balance Hosts=false;Tcp Keepalive Time=60;Keepalive=30;Command Timeout=7");

        var settings = Read(plan);
        (settings.Timeout, settings.HostRecheckSeconds, settings.LoadBalanceHosts).Should().Be((15, 10, false));
        (settings.TcpKeepAliveTime, settings.TcpKeepAliveInterval).Should().Be((60, 0));
        (settings.KeepAlive, settings.CommandTimeout).Should().Be((30, 7));
    }

    [Theory]
    [InlineData("TCP Keepalive=false")]
    [InlineData("tcp keepalive=true")]
    [InlineData("TcpKeepAlive=false")]
    public void Whoever_says_whether_TCP_asks_is_not_told_when(string keepAlive)
    {
        var settings = Read(DataSourcePlan.For($"Host=h0;{keepAlive}"));

        (settings.TcpKeepAliveTime, settings.TcpKeepAliveInterval).Should().Be((0, 0));
    }

    [Theory]
    [InlineData("/var/run/postgresql")]
    [InlineData("@stolon")]
    [InlineData("h0,/var/run/postgresql")]
    public void A_socket_file_is_given_no_options_of_TCP(string host) =>
        Named(DataSourcePlan.For($"Host={host}")).Should().NotContain(["TCP Keepalive Time", "TCP Keepalive Interval"]);

    [Theory]
    [InlineData("primary", TargetSessionAttributes.Primary, TargetSessionAttributes.PreferStandby)]
    [InlineData("read-write", TargetSessionAttributes.ReadWrite, TargetSessionAttributes.PreferStandby)]
    [InlineData("prefer-standby", TargetSessionAttributes.PreferStandby, TargetSessionAttributes.PreferStandby)]
    [InlineData("standby", TargetSessionAttributes.Standby, TargetSessionAttributes.Standby)]
    [InlineData("read-only", TargetSessionAttributes.ReadOnly, TargetSessionAttributes.ReadOnly)]
    [InlineData("prefer-primary", TargetSessionAttributes.PreferPrimary, TargetSessionAttributes.PreferStandby)]
    [InlineData("any", TargetSessionAttributes.Any, TargetSessionAttributes.PreferStandby)]
    public void The_word_of_the_connection_string_is_what_the_source_is_asked_for(
        string word, TargetSessionAttributes main, TargetSessionAttributes standby)
    {
        var plan = DataSourcePlan.For($"Host=h0,h1;Target Session Attributes={word}");

        (plan.Main, plan.Standby).Should().Be((main, standby));
        Named(plan).Should().NotContain("Target Session Attributes", "Npgsql refuses to make a data source with them");
    }

    [Fact]
    public void With_one_host_target_session_attributes_are_left_out() =>
        Named(DataSourcePlan.For("Host=h0;Target Session Attributes=standby")).Should().NotContain("Target Session Attributes");

    [Fact]
    public void Planning_twice_changes_nothing()
    {
        var once = DataSourcePlan.For($"Host=h0,h1;{Login}").ConnectionString;

        DataSourcePlan.For(once).ConnectionString.Should().Be(once);
    }

    [Theory]
    [Trait("Rule", "S10")]
    [InlineData("Host=h0;Timeout=soon", "Timeout: *")]
    [InlineData("Host=h0;Target Session Attributes=leader", "Target Session Attributes: *")]
    [InlineData("Host=h0;Sloth=3", "*keyword*")]
    [InlineData("h0:5432", "*keyword*")]
    public void What_Npgsql_does_not_understand_is_a_mistake(string connectionString, string mistake)
    {
        DataSourcePlan.FindMistake($"{connectionString};Password=s3cret").Should().MatchEquivalentOf(mistake).And.NotContain("s3cret");
        DataSourcePlan.FindMistake("Host=h0,h1;Password=s3cret").Should().BeNull();
    }

    [Theory]
    [Trait("Rule", "S11")]
    [InlineData("Host=h0;Password=abc;s3cret")]
    [InlineData("Host=h0;Password=abc;s3cret=d")]
    [InlineData("Host=h0;Port=s3cret")]
    [InlineData("s3cret")]
    public void A_mistake_shows_no_part_of_the_connection_string_that_may_belong_to_a_password(string connectionString) =>
        DataSourcePlan.FindMistake(connectionString).Should().NotBeNull().And.NotContain("s3cret");

    private static NpgsqlConnectionStringBuilder Read(DataSourcePlan plan) => Read(plan.ConnectionString);

    private static NpgsqlConnectionStringBuilder Read(string connectionString) => new(connectionString);

    private static ICollection<string> Named(DataSourcePlan plan) => Read(plan).Keys;
}
