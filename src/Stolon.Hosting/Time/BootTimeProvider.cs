using System.Runtime.InteropServices;

namespace Stolon.Hosting.Time;

/// <summary>
/// A clock whose timestamps run through suspend (Linux: CLOCK_BOOTTIME), for the deadlines that fence (architecture, section 5).
/// Elsewhere it is the system's monotonic clock. Its zero is the machine's boot, the same for every process.
/// </summary>
internal sealed partial class BootTimeProvider : TimeProvider
{
    /// <summary>The one of this process.</summary>
    public static readonly BootTimeProvider Instance = new();

    private const int ClockBoottime = 7;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private BootTimeProvider()
    {
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => OperatingSystem.IsLinux() ? NanosecondsPerSecond : base.TimestampFrequency;

    /// <inheritdoc/>
    public override long GetTimestamp() =>
        OperatingSystem.IsLinux() && GetTime(ClockBoottime, out var time) == 0
            ? (time.Seconds * NanosecondsPerSecond) + time.Nanoseconds
            : base.GetTimestamp();

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}

/// <summary>Instants of a clock as durations since its zero.</summary>
internal static class ClockInstants
{
    /// <summary>The time since the clock's zero.</summary>
    /// <param name="clock">The clock.</param>
    /// <returns>A monotonic instant; for <see cref="BootTimeProvider"/> the time since boot.</returns>
    public static TimeSpan Now(this TimeProvider clock) => clock.GetElapsedTime(0);
}
