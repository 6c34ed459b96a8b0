using Aspire.Hosting;
using Stolon.Aspire.Programs;
using Stolon.Aspire.Running;
using Stolon.Aspire.Topology;

namespace Stolon.Aspire.Tests.Model;

/// <summary>How members run is decided by what is on the machine.</summary>
public sealed class SearchTests
{
    private static readonly LocalData Local = new("/apps/host", "pg");

    [Fact]
    public void The_first_folder_of_the_path_that_has_a_program_wins()
    {
        var search = new ProgramSearch("/one:/two:/three", file => file is "/two/etcd" or "/three/etcd");

        search.Find("etcd").Should().Be("/two/etcd");
        search.Find("stolon").Should().BeNull();
    }

    [Fact]
    public void The_newest_PostgreSQL_is_taken_unless_another_is_asked_for()
    {
        static bool Exists(string file) => file is "/usr/lib/postgresql/15/bin/postgres" or "/usr/pgsql-17/bin/postgres";

        PostgresSearch.Find(null, Exists).Should().Be("/usr/pgsql-17/bin");
        PostgresSearch.Find(15, Exists).Should().Be("/usr/lib/postgresql/15/bin");
        PostgresSearch.Find(16, Exists).Should().BeNull();
    }

    [Fact]
    public void Without_the_program_members_are_containers_and_with_it_processes()
    {
        Plan(new() { PostgresBinPath = "/pg" }).InContainers.Should().BeTrue();
        Plan(new() { PostgresBinPath = "/pg" }, "/bin/stolon").StolonProgram.Should().Be("/bin/stolon");
        Plan(new() { PostgresBinPath = "/pg" }, "/bin/stolon", "/bin/etcd").EtcdProgram.Should().Be("/bin/etcd");
        Plan(new() { PostgresBinPath = "/pg", RunMode = StolonRunMode.Containers }, "/bin/stolon").InContainers.Should().BeTrue();
    }

    [Fact]
    public void Processes_that_cannot_be_started_are_refused_with_the_remedy() =>
        FluentActions.Invoking(() => Plan(new() { RunMode = StolonRunMode.Executables })).Should().Throw<DistributedApplicationException>()
            .WithMessage("*stolon program of cluster 'pg'*PATH*ExecutablePath*");

    [Fact]
    public void Two_AppHosts_share_no_data()
    {
        Local.Lasting(isPrivileged: true).Should().NotBe(new LocalData("/apps/other", "pg").Lasting(isPrivileged: true))
            .And.NotBe(new LocalData("/apps/host", "other").Lasting(isPrivileged: true)).And.StartWith("/var/lib/stolon/pg-");
    }

    private static ClusterPlan Plan(StolonClusterOptions options, params string[] programs) =>
        ClusterPlan.Make(options, configured: null, isPublishing: false, Local, new ProgramSearch("/bin", programs.Contains));
}
