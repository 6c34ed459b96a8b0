namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>PostgreSQL's own programs.</summary>
internal static class PostgresPrograms
{
    /// <summary>The folder of the newest that are installed.</summary>
    public static string Folder { get; } = Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(path => int.Parse(Path.GetFileName(path), System.Globalization.CultureInfo.InvariantCulture)).First() + "/bin";
}
