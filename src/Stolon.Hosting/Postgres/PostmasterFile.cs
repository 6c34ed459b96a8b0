using System.Globalization;

namespace Stolon.Hosting.Postgres;

/// <summary>The content of <c>postmaster.pid</c>.</summary>
/// <param name="Process">The postmaster.</param>
/// <param name="Listens">It has opened its sockets: the status line is there.</param>
internal readonly record struct PostmasterFile(int Process, bool Listens)
{
    private const int StatusLine = 7;

    /// <summary>Null when there is none, or it is being written.</summary>
    public static PostmasterFile? Read(string pgdata)
    {
        try
        {
            var lines = File.ReadAllLines(PathIn(pgdata));
            return lines.Length > 0 && int.TryParse(lines[0].Trim(), CultureInfo.InvariantCulture, out var process)
                ? new PostmasterFile(Math.Abs(process), lines.Length > StatusLine && lines[StatusLine].Length > 0)
                : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The postmaster that lives and holds this PGDATA; null when there is none.</summary>
    public static int? Running(string pgdata) =>
        Read(pgdata) is { } file && Libc.Status(pgdata) is { } folder && ProcessTable.IsIn(file.Process, folder.Identity)
            ? file.Process
            : null;

    public static string PathIn(string pgdata) => Path.Combine(pgdata, "postmaster.pid");
}
