using System.Globalization;
using Stolon.Hosting.Time;

namespace Stolon.Hosting.Postgres;

/// <summary>The file that tells the guard until when PostgreSQL may run if nothing more is heard (S4).</summary>
internal sealed class GuardLease(string path, FileOwner owner)
{
    private const int Width = 24;

    private readonly string next = path + ".next";

    /// <summary>Replaces the lease in one step.</summary>
    /// <param name="bootTime">On the boot clock; null = for ever.</param>
    public void Write(TimeSpan? bootTime)
    {
        using var rights = owner.Assume();
        var text = (bootTime is { } end ? UptimeAt(end) : "").PadRight(Width) + "\n";
        if (!File.Exists(next))
        {
            owner.Create(next, []);
        }

        // The file that waits is written in its place and then exchanged, so that a full disk does not fence a healthy primary.
        using (var file = new FileStream(next, FileMode.Open, FileAccess.Write))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(text));
            file.SetLength(text.Length);
        }

        if (!File.Exists(path) || !Libc.TryExchange(next, path))
        {
            File.Move(next, path, overwrite: true);
        }
    }

    /// <summary>
    /// An instant in the guard's terms. The guard reads /proc/uptime, which a container may show differently from the boot clock:
    /// so the distance from now counts, not the clock's own number.
    /// </summary>
    private static string UptimeAt(TimeSpan bootTime)
    {
        var uptime = decimal.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);
        var left = (decimal)(bootTime - BootTimeProvider.Instance.Now()).TotalSeconds;
        return Math.Max(0.01m, Math.Floor((uptime + left) * 100) / 100).ToString("0.00", CultureInfo.InvariantCulture);
    }
}
