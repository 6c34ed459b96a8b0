using System.Diagnostics;
using System.Text.RegularExpressions;
using QuickStart;
using QuickStart.Output;

namespace Stolon.Integration.EndToEnd;

/// <summary>The store file is lost or wrong: no data directory is touched, the error names the remedy, and the remedy heals everything.</summary>
[Collection(ClusterCollection.Name)]
public sealed partial class LostStoreTests(ClusterWithStoreCopies fixture) : IClassFixture<ClusterWithStoreCopies>
{
    private static readonly TimeSpan Observe = TestCluster.FailInterval + TimeSpan.FromSeconds(3);

    private TestCluster cluster = null!;

    private string StoreFile => cluster.Folder.StoreFile;

    [Theory]
    [InlineData("deleted")]
    [InlineData("replaced")]
    [Trait("Rule", "S6")]
    [Trait("Rule", "S7")]
    public async Task Under_a_running_cluster_no_data_directory_is_touched_and_putting_the_file_back_heals(string damage)
    {
        await RunAsync();
        var before = Identities();
        File.Move(StoreFile, StoreFile + ".aside");

        await DamageAndObserveAsync(damage, before);

        await cluster.StopAsync();
        Identities().Should().Be(before);
        File.Move(StoreFile + ".aside", StoreFile, overwrite: true);
        await WholeAsync();
    }

    [Theory]
    [InlineData("emptied")]
    [InlineData("truncated")]
    [Trait("Rule", "S6")]
    [Trait("Rule", "S7")]
    [Trait("Rule", "Q32")]
    public async Task Under_a_running_cluster_no_data_directory_is_touched_and_a_new_store_around_the_primary_heals(string damage)
    {
        await RunAsync();
        var (before, primary) = (Identities(), await cluster.PrimaryAsync());

        await DamageAndObserveAsync(damage, before);

        await cluster.StopAsync();
        Identities().Should().Be(before);
        DeleteStore();
        await LostStore.TakeOverAsync(primary, cluster.Folder, new Screen(TimeProvider.System), TestContext.Current.CancellationToken);
        await WholeAsync();
    }

    [Theory]
    [InlineData("deleted")]
    [InlineData("emptied")]
    [InlineData("truncated")]
    [InlineData("replaced")]
    [Trait("Rule", "S6")]
    [Trait("Rule", "S7")]
    [Trait("Rule", "Q32")]
    [Trait("Rule", "Q33")]
    public async Task Under_a_stopped_cluster_no_data_directory_is_touched_and_putting_the_file_back_heals(string damage)
    {
        await fixture.PrepareAsync();
        cluster = fixture.Cluster;
        var before = Identities();
        Damage(damage);
        cluster.Run();

        await DamageAndObserveAsync("not again", before);

        await cluster.StopAsync();
        Identities().Should().Be(before);
        DeleteStore();
        await File.WriteAllBytesAsync(StoreFile, fixture.Present, TestContext.Current.CancellationToken);
        await WholeAsync();
    }

    [GeneratedRegex("Put .* back|initMode existing|--take-over", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Remedy();

    private static string Stat(string path)
    {
        using var stat = Process.Start(new ProcessStartInfo("stat", ["-c", "%n %d %i", path]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        return stat.StandardOutput.ReadToEnd().Trim();
    }

    private async Task RunAsync()
    {
        await fixture.PrepareAsync();
        cluster = fixture.Cluster;
        cluster.Run();
        await cluster.HealAsync();
    }

    private async Task DamageAndObserveAsync(string damage, string before)
    {
        var told = cluster.Told.Length;
        Damage(damage);
        await cluster.UntilAsync("an error that names the remedy", async () => Remedy().IsMatch(cluster.Told[told..]) || await StatusNamesRemedyAsync());

        var start = TimeProvider.System.GetTimestamp();
        await cluster.UntilAsync("some seconds", () =>
        {
            Identities().Should().Be(before, "no data directory may be touched");
            return Task.FromResult(TimeProvider.System.GetElapsedTime(start) > Observe);
        }, Observe + TestCluster.Slack);
    }

    private async Task<bool> StatusNamesRemedyAsync()
    {
        var (status, history) = await cluster.AskAsync();
        return status is not null && Remedy().IsMatch(string.Join('\n', [.. status.Troubles, .. history.Select(decision => decision.Text)]));
    }

    /// <summary>The cluster comes up with what it held, and the next scenario can begin.</summary>
    private async Task WholeAsync()
    {
        cluster.Run();
        (await cluster.QueryAsync("select answer from kept")).Should().Be("42");
        await cluster.HealAsync();
        await fixture.KeepAsync();
    }

    private void DeleteStore()
    {
        foreach (var ending in (string[])["", "-wal", "-shm"])
        {
            File.Delete(StoreFile + ending);
        }
    }

    private void Damage(string damage)
    {
        switch (damage)
        {
            case "deleted":
                File.Delete(StoreFile);
                break;
            case "emptied":
                new FileStream(StoreFile, FileMode.Truncate).Dispose();
                break;
            case "truncated":
                using (var stream = new FileStream(StoreFile, FileMode.Open))
                {
                    stream.SetLength(stream.Length / 2);
                }

                break;
            case "replaced":
                File.WriteAllBytes(StoreFile + ".copy", fixture.Yesterday);
                File.Move(StoreFile + ".copy", StoreFile, overwrite: true);
                break;
        }
    }

    /// <summary>What the data directories are: their inodes, their system identifiers, and what stands beside them.</summary>
    private string Identities() =>
        string.Join('\n', cluster.Keepers.SelectMany(keeper => new[]
        {
            Stat(cluster.PgData(keeper)),
            Stat(Path.Combine(cluster.PgData(keeper), "PG_VERSION")),
            Convert.ToHexString(File.ReadAllBytes(Path.Combine(cluster.PgData(keeper), "global", "pg_control")).AsSpan(0, 8)),
            string.Join(' ', Directory.EnumerateDirectories(cluster.Folder.KeeperFolder(keeper), "postgres*").Order(StringComparer.Ordinal)),
        }));
}
