using Stolon.Aspire.Running;

namespace Stolon.Aspire.Tests.Model;

public sealed class PassingFolderTests
{
    private readonly string prefix = $"stolon-test-{Guid.NewGuid():N}-";

    [Fact]
    public void What_a_killed_AppHost_left_is_deleted_by_the_next_one()
    {
        var left = Directory.CreateTempSubdirectory(prefix);
        File.WriteAllText(Path.Combine(left.FullName, "apphost.lock"), "");
        left.CreateSubdirectory("pg-keeper0");
        var half = Directory.CreateTempSubdirectory(prefix);

        Create().Delete();

        Directory.GetDirectories(Path.GetTempPath(), $"{prefix}*").Should().BeEmpty("{0} was left, and {1} half deleted", left.Name, half.Name);
    }

    [Fact]
    public void The_data_of_an_AppHost_that_runs_is_left_alone()
    {
        var first = Create();

        var second = Create();

        Directory.Exists(first.Path).Should().BeTrue();
        first.Delete();
        second.Delete();
        Directory.GetDirectories(Path.GetTempPath(), $"{prefix}*").Should().BeEmpty();
    }

    [Fact]
    public void A_PostgreSQL_that_works_in_it_is_seen()
    {
        var folder = Create();
        var data = Directory.CreateDirectory(Path.Combine(folder.Path, "pg-keeper0", "postgres"));
        folder.HasPostgres.Should().BeFalse();

        File.WriteAllText(Path.Combine(data.FullName, "postmaster.pid"), "1");

        folder.HasPostgres.Should().BeTrue();
        folder.Delete();
    }

    private PassingFolder Create() => PassingFolder.Create(Path.GetTempPath(), prefix);
}
