namespace Stolon.Cli.Options;

/// <summary>stolon's own executable names: under such a name, a link is enough, the program is that command.</summary>
internal static class InvokedName
{
    private static readonly Dictionary<string, string> Commands = new(StringComparer.Ordinal)
    {
        ["stolon-keeper"] = "keeper",
        ["stolon-sentinel"] = "sentinel",
        ["stolon-proxy"] = "proxy",
        ["stolonctl"] = "ctl",
    };

    /// <summary>The name that the process was started by. .NET itself only knows what a link points to.</summary>
    /// <returns>The name, without its folder.</returns>
    public static string Read()
    {
        try
        {
            var all = File.ReadAllText("/proc/self/cmdline");
            return Path.GetFileName(all.Split('\0')[0]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Path.GetFileNameWithoutExtension(Environment.ProcessPath ?? "");
        }
    }

    /// <summary>The name of the program for people.</summary>
    /// <param name="name">The name that the process was started by.</param>
    /// <returns>stolon's own executable name, or <c>stolon</c>.</returns>
    public static string Known(string name) => Commands.ContainsKey(name) ? name : "stolon";

    /// <summary>The arguments as they would be given to <c>stolon</c>.</summary>
    /// <param name="name">The name that the process was started by.</param>
    /// <param name="args">Its arguments.</param>
    /// <returns>The arguments, the command first.</returns>
    public static string[] Expand(string name, string[] args) =>
        Commands.TryGetValue(name, out var command) ? [command, .. args] : args;
}
