namespace Stolon.Hosting.Postgres;

/// <summary>
/// The files in the folder <c>log</c>: PostgreSQL's own rotated ones, and the one that it writes to before its log collector runs.
/// </summary>
internal sealed class ServerLog(DataFolder folder, FileOwner owner)
{
    private const int QuotedLines = 12;
    private const int QuotedBytes = 64 * 1024;
    private const int SignalBase = 128;
    private const long StartLogLimit = 8 * 1024 * 1024;

    private Dictionary<string, long> lengths = new(StringComparer.Ordinal);

    /// <summary>Remembers where the files end before a start.</summary>
    public void Begin()
    {
        owner.CreateFolder(folder.Log);
        Bound();
        using var rights = owner.Assume();
        lengths = Files().ToDictionary(file => file.FullName, file => file.Length, StringComparer.Ordinal);
    }

    /// <summary>Keeps the start log small, also when a configuration has switched the collector off.</summary>
    public void Bound()
    {
        using var rights = owner.Assume();
        var start = new FileInfo(folder.StartLog);
        if (start.Exists && start.Length > StartLogLimit)
        {
            // It is written in append mode: what comes next stands at the beginning.
            using var file = new FileStream(folder.StartLog, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            file.SetLength(0);
        }
    }

    /// <summary>The last lines that were written since the start and may be quoted (S11).</summary>
    public string Said()
    {
        using var rights = owner.Assume();
        return string.Join('\n', Files()
            .OrderBy(file => file.FullName != folder.StartLog)
            .ThenBy(file => file.LastWriteTimeUtc)
            .SelectMany(NewLines)
            .Where(LogQuotes.MayBeQuoted)
            .TakeLast(QuotedLines));
    }

    /// <summary>How an instance ended that was to go on.</summary>
    /// <param name="status">The postmaster's status, as a shell says it.</param>
    /// <returns>A sentence, with what it said last unless it was killed, which it cannot have seen coming.</returns>
    public string Ending(int status)
    {
        var how = status > SignalBase ? $"it was ended by signal {status - SignalBase}" : $"it ended with status {status}";
        var said = status == SignalBase + Libc.SigKill ? "" : Said();
        var remedy = FailureRemedy.For(said);
        return $"{how}.{(remedy.Length > 0 ? $" {remedy}" : "")}{(said.Length > 0 ? $" PostgreSQL said:\n{said}" : "")}";
    }

    /// <summary>None where the folder cannot be read: it may be the very disk that PostgreSQL died of.</summary>
    private FileInfo[] Files()
    {
        try
        {
            return Directory.Exists(folder.Log) ? new DirectoryInfo(folder.Log).GetFiles("*.log") : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private string[] NewLines(FileInfo file)
    {
        try
        {
            using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var known = lengths.GetValueOrDefault(file.FullName);
            var from = known <= stream.Length ? known : 0;
            var begin = Math.Max(from, stream.Length - QuotedBytes);
            stream.Seek(begin, SeekOrigin.Begin);
            using var reader = new StreamReader(stream);
            var lines = reader.ReadToEnd().Split('\n');

            // The rest of a line does not say what kind of line it is.
            return begin > from ? lines[1..] : lines;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
