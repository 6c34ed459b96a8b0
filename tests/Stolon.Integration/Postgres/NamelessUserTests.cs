using Stolon.Hosting.Postgres;

namespace Stolon.Integration.Postgres;

/// <summary>A container may run as a number that has no name.</summary>
public sealed class NamelessUserTests : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("stolon-test-");

    public void Dispose() => root.Delete(recursive: true);

    [Theory]
    [InlineData("lib/x86_64-linux-gnu")]
    [InlineData("lib/aarch64-linux-gnu")]
    [InlineData("lib64")]
    public void The_library_that_makes_up_a_name_is_found_where_distributions_have_it(string folder)
    {
        var library = Path.Combine(root.CreateSubdirectory(folder).FullName, "libnss_wrapper.so");
        File.WriteAllText(library, "");

        NamelessUser.FindLibrary(root.FullName).Should().Be(library);
    }

    [Fact]
    public void Where_there_is_none_nothing_is_made_up() => NamelessUser.FindLibrary(root.FullName).Should().BeNull();
}
