using System.Diagnostics;

namespace Stolon.Integration.Scripts;

/// <summary>scripts/install-postgres.sh, on a copy that has a folder of its own for /etc/postgresql-common and an apt that does nothing.</summary>
public sealed class InstallPostgresTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("stolon-install-");

    private string Settings => Path.Combine(folder.FullName, "etc", "createcluster.conf");

    [Theory]
    [InlineData(null)]
    [InlineData("# Create a \"main\" cluster\n#create_main_cluster = true\n")]
    [InlineData("create_main_cluster = true\n")]
    [InlineData("create_main_cluster = false\ncreate_main_cluster = on\n")]
    public async Task A_cluster_main_is_forbidden_whatever_the_file_said(string? before)
    {
        await RunAsync(before);

        (await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken)).Should().Be(before + "create_main_cluster = false\n");
    }

    [Theory]
    [InlineData("create_main_cluster = false\n")]
    [InlineData("  create_main_cluster = 'off' # ours\n")]
    [InlineData("create_main_cluster no\n")]
    public async Task A_file_that_forbids_it_is_left_as_it_is(string before)
    {
        await RunAsync(before);

        (await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken)).Should().Be(before);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static string SourceTree()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Stolon.sln")))
        {
            root = root.Parent!;
        }

        return root.FullName;
    }

    private async Task RunAsync(string? settings)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "the script asks for root by sudo");
        if (settings is not null)
        {
            folder.CreateSubdirectory("etc");
            await File.WriteAllTextAsync(Settings, settings);
        }

        var apt = Path.Combine(folder.CreateSubdirectory("bin").FullName, "apt-get");
        await File.WriteAllTextAsync(apt, "#!/bin/sh\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(apt, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var script = Path.Combine(folder.FullName, "install.sh");
        var original = await File.ReadAllTextAsync(Path.Combine(SourceTree(), "scripts", "install-postgres.sh"));
        await File.WriteAllTextAsync(script, original.Replace("/etc/postgresql-common", Path.GetDirectoryName(Settings), StringComparison.Ordinal));
        using var bash = Process.Start(new ProcessStartInfo("bash", [script])
        {
            UseShellExecute = false,
            Environment = { ["PATH"] = $"{Path.GetDirectoryName(apt)}:{Environment.GetEnvironmentVariable("PATH")}" },
        })!;
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        bash.ExitCode.Should().Be(0);
    }
}
