using System.Globalization;

namespace Stolon.Hosting.Proxy;

/// <summary>
/// How many clients a proxy takes at once. Each needs two files, and a process of this runtime that has used up its open files may not only
/// fail to accept: it may end, with every role in it. So the proxy stays clear of that limit by itself.
/// </summary>
internal static class ConnectionLimit
{
    private const string LimitsFile = "/proc/self/limits";
    private const string LimitsLine = "Max open files";
    private const int FilesPerClient = 2;

    /// <summary>Files left to the rest of the process: a tenth, and at least so many.</summary>
    private const int Reserve = 100;

    /// <summary>The limit for this process.</summary>
    /// <param name="options">May set a lower one.</param>
    /// <returns>The number of clients.</returns>
    public static int For(ProxyOptions options)
    {
        var possible = OpenFiles() is { } files ? Math.Max(1, (files - Math.Max(Reserve, files / 10)) / FilesPerClient) : int.MaxValue;
        return options.MaxConnections == 0 ? possible : Math.Min(options.MaxConnections, possible);
    }

    /// <summary>The soft limit of open files; null = none, or not known on this system.</summary>
    private static int? OpenFiles()
    {
        if (!File.Exists(LimitsFile))
        {
            return null;
        }

        var line = File.ReadLines(LimitsFile).FirstOrDefault(line => line.StartsWith(LimitsLine, StringComparison.Ordinal));
        var soft = line?[LimitsLine.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var files) ? files : null;
    }
}
