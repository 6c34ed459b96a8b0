namespace Stolon.Stores.Tests;

/// <summary>A full disk.</summary>
public sealed class EmbeddedDiskTests : IAsyncDisposable
{
    private readonly StoreFolder folder = new();

    public ValueTask DisposeAsync() => folder.DisposeAsync();

    /// <summary>
    /// A disk of its own where that is permitted; elsewhere a limit on the size of files, which is the other way to come to
    /// the end of one. Both must be survived alike.
    /// </summary>
    [Fact, Trait("Rule", "S10")]
    public async Task A_full_disk_is_named_and_nothing_acknowledged_is_lost()
    {
        if (!await TryMountAsync())
        {
            await FillUnderLimitAsync();
            return;
        }

        try
        {
            using var worker = WorkerProcess.Start(folder.Path, "fill");
            var failure = await LastLineAsync(worker);
            failure.Should().StartWith("failed: ").And.Contain(folder.Path).And.Contain("full").And.Contain("Free some space");
            worker.Acknowledged.Should().BePositive();

            await using (var store = folder.Open())
            {
                (await store.ReadAsync(CancellationToken.None))!.Data.Revision.Should().Be(worker.Acknowledged);
                File.Delete(Ballast);
                await store.OverwriteAsync(A.Document(999), A.NoDecisions, CancellationToken.None);
                (await store.ReadAsync(CancellationToken.None))!.Data.Revision.Should().Be(999);
            }

            folder.Sql("PRAGMA integrity_check").Should().Be("ok");
        }
        finally
        {
            (await StoreFolder.RunAsync("umount", folder.Folder)).Should().Be(0);
        }
    }

    [Fact, Trait("Rule", "S10")]
    public Task A_limit_on_file_sizes_is_named_and_nothing_acknowledged_is_lost() => FillUnderLimitAsync();

    private string Ballast => Path.Combine(folder.Folder, "ballast");

    private async Task FillUnderLimitAsync()
    {
        // Less than the log grows before it is begun anew. The signal of the limit is ignored, so that the write fails instead; and the
        // runtime maps its code through a large file unless it is told not to.
        using var worker = WorkerProcess.StartUnder(
            ["bash", "-c", "trap '' XFSZ; ulimit -f 700; export DOTNET_EnableWriteXorExecute=0; exec \"$@\"", "limited"], folder.Path, "fill");
        var failure = await LastLineAsync(worker);

        failure.Should().StartWith("failed: ").And.Contain(folder.Path).And.MatchRegex("ulimit|full");
        await using var store = folder.Open();
        (await store.ReadAsync(CancellationToken.None))!.Data.Revision.Should().Be(worker.Acknowledged).And.BePositive();
        folder.Sql("PRAGMA integrity_check").Should().Be("ok");
    }

    private async Task<bool> TryMountAsync()
    {
        if (await StoreFolder.RunAsync("mount", "-t", "tmpfs", "-o", "size=3m,mode=700", "tmpfs", folder.Folder) != 0)
        {
            return false;
        }

        await File.WriteAllBytesAsync(Ballast, new byte[1_500_000]);
        return true;
    }

    private static async Task<string> LastLineAsync(WorkerProcess worker)
    {
        string line;
        do
        {
            line = await worker.NextAsync();
        }
        while (line.StartsWith("ack ", StringComparison.Ordinal));
        return line;
    }
}
