namespace Stolon.Hosting.Postgres;

/// <summary>What the disks of several folders can take.</summary>
internal static class CopyRoom
{
    /// <summary>What may still be written, each disk counted once.</summary>
    public static long Free(IEnumerable<string> folders) => folders
        .DistinctBy(folder => Libc.Status(folder)?.Identity.Device)
        .Select(FailureRemedy.FreeSpace)
        .Aggregate(0L, (sum, free) => free > long.MaxValue - sum ? long.MaxValue : sum + free);

    /// <summary>What may be written after the folders are emptied.</summary>
    public static long FreeWhenEmpty(IReadOnlyCollection<string> folders)
    {
        var free = Free(folders);
        return folders.Sum(DataLayout.SizeOf) is var old && old > long.MaxValue - free ? long.MaxValue : free + old;
    }
}
