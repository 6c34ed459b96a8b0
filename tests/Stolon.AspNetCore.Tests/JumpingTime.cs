namespace Stolon.AspNetCore.Tests;

/// <summary>The system's clock, which may be put forward.</summary>
internal sealed class JumpingTime : TimeProvider
{
    private long offset;

    public override long TimestampFrequency => System.TimestampFrequency;

    public override long GetTimestamp() => System.GetTimestamp() + Interlocked.Read(ref offset);

    public void Jump(TimeSpan span) => Interlocked.Add(ref offset, (long)(span.TotalSeconds * TimestampFrequency));
}
