using System.Runtime.InteropServices;

namespace Stolon.Comparison.Machines;

/// <summary>Where and with what was measured.</summary>
internal static class Machine
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>One line for each fact.</summary>
    public static async Task<IReadOnlyList<(string Name, string Text)>> DescribeAsync(string stolon, string binaries, bool withPatroni)
    {
        var facts = new List<(string, string)>
        {
            ("processor", $"{First("/proc/cpuinfo", "model name") ?? RuntimeInformation.OSArchitecture.ToString()}, {Environment.ProcessorCount} cores"),
            ("memory", $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9:0.0} GB"),
            ("system", $"{(First("/etc/os-release", "PRETTY_NAME") ?? RuntimeInformation.OSDescription).Trim('"')}, Linux {Environment.OSVersion.Version}"),
            ("load at the beginning", $"{(await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0]} processes that run or wait (mean of the minute before)"),
            ("stolon", await SaidAsync(stolon, "--version")),
            ("PostgreSQL", await SaidAsync(Path.Combine(binaries, "postgres"), "--version")),
            ("etcd", (await SaidAsync("etcd", "--version")).Split('\n')[0]),
        };
        if (withPatroni)
        {
            facts.Add(("Patroni", await SaidAsync("patroni", "--version")));
            facts.Add(("HAProxy", (await SaidAsync(Clusters.PatroniCluster.FindProgram("haproxy")!, "-v")).Split('\n')[0].Split(" - ")[0]));
        }

        return facts;
    }

    private static async Task<string> SaidAsync(params string[] command)
    {
        try
        {
            var (code, said) = await Running.RunAsync(command, Limit);
            return code == 0 ? said : throw new ComparisonException($"{string.Join(' ', command)} failed: {said}");
        }
        catch (System.ComponentModel.Win32Exception problem)
        {
            throw new ComparisonException($"{command[0]} cannot be run: {problem.Message}. On Debian: apt-get install etcd-server postgresql");
        }
    }

    private static string? First(string file, string name) =>
        File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split([':', '='], 2)[1].Trim()
            : null;
}
