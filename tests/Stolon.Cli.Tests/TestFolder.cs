namespace Stolon.Cli.Tests;

/// <summary>A folder with the store of a cluster.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("stolon-cli-");

    public TestFolder()
    {
        if (!OperatingSystem.IsWindows())
        {
            // PostgreSQL does not run as root: its user has to reach its data.
            System.IO.File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
        }
    }

    public string Store => File("store.db");

    /// <summary>The flags that name the cluster.</summary>
    public string[] Flags => ["--cluster-name", "orders", "--store-backend", "embedded", "--store-endpoints", Store];

    public string File(string name) => Path.Combine(folder.FullName, name);

    public string Write(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text);
        return File(name);
    }

    /// <summary>A link to the program.</summary>
    public string Link(string name)
    {
        System.IO.File.CreateSymbolicLink(File(name), StolonProcess.Program);
        return File(name);
    }

    /// <summary>Runs <c>ctl</c> on the cluster.</summary>
    public Task<Answer> CtlAsync(params string[] args) => CtlWithAsync(input: "", args);

    /// <summary>Runs <c>ctl</c> on the cluster, with something on standard input.</summary>
    public Task<Answer> CtlWithAsync(string input, params string[] args) =>
        StolonProcess.RunAsync(StolonProcess.Program, ["ctl", .. Flags, .. args], input, []);

    public void Dispose() => folder.Delete(recursive: true);
}
