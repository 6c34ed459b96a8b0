using Stolon.Hosting.Postgres;

namespace Stolon.Integration.Postgres;

/// <summary>What PostgreSQL gets of this process's environment.</summary>
[Collection(EndToEnd.ClusterCollection.Name)]
[Trait("Rule", "S11")]
public sealed class EnvironmentTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PostgreSQL_gets_what_it_needs_of_the_environment_and_what_was_asked_for_and_nothing_else()
    {
        (string Name, bool IsPassed)[] variables =
        [
            ("STOLON_TEST_MARKER", false), ("Stolon__nobody__Keeper__SuperuserPassword", false), ("STKEEPER_TEST_MARKER", false), ("PGTEST_MARKER", false),
            ("AWS_TEST_MARKER", true), ("TEST_MARKER_ONE", true), ("TEST_MARKER_TWO", false),
        ];
        foreach (var (name, _) in variables)
        {
            Environment.SetEnvironmentVariable(name, "marker");
        }

        try
        {
            await using var fixture = new PostgresFixture { PassEnvironment = ["TEST_MARKER_O*", "STKEEPER_*", "PG*"] };
            var instance = await fixture.CreateAsync();
            await instance.StartAsync(fixture.Configuration(instance), Cancel);
            var postmaster = await fixture.PostmasterAsync();

            variables.Where(one => ProcessTable.HasVariable(postmaster, one.Name, "marker")).Should().Equal(variables.Where(one => one.IsPassed));
        }
        finally
        {
            foreach (var (name, _) in variables)
            {
                Environment.SetEnvironmentVariable(name, null);
            }
        }
    }
}
