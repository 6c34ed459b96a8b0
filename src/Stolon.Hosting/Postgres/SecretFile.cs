namespace Stolon.Hosting.Postgres;

/// <summary>A file with a password that a program reads, 0600, for as long as the program runs.</summary>
internal sealed class SecretFile : IDisposable
{
    private const string Prefix = "secret.";

    private SecretFile(string path) => Path = path;

    public string Path { get; }

    public static SecretFile Create(DataFolder folder, FileOwner owner, string content)
    {
        owner.CreateFolder(folder.Run);
        var path = System.IO.Path.Combine(folder.Run, $"{Prefix}{Guid.NewGuid():N}");
        owner.Create(path, System.Text.Encoding.UTF8.GetBytes(content));
        return new SecretFile(path);
    }

    /// <summary>Removes those that a killed keeper left.</summary>
    public static void RemoveLeftovers(DataFolder folder)
    {
        foreach (var file in Directory.Exists(folder.Run) ? Directory.GetFiles(folder.Run, $"{Prefix}*") : [])
        {
            File.Delete(file);
        }
    }

    public void Dispose() => File.Delete(Path);
}
