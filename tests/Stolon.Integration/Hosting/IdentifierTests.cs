using Stolon.Cluster;
using Stolon.Hosting.Keeper;
using Stolon.Hosting.Proxy;
using Stolon.Hosting.Sentinel;

namespace Stolon.Integration.Hosting;

/// <summary>How things are named.</summary>
public sealed class IdentifierTests
{
    [Fact]
    [Trait("Rule", "M3")]
    public void A_uid_is_eight_hex_digits_and_never_the_same_again()
    {
        var uids = Enumerable.Range(0, 50).SelectMany(_ => new[] { SentinelPass.NewId(), ProxyCheck.NewId() }).ToList();

        uids.Should().OnlyContain(uid => uid.Length == 8 && uid.All(char.IsAsciiHexDigitLower)).And.OnlyHaveUniqueItems();
    }

    [Fact]
    [Trait("Rule", "M3")]
    public void A_keeper_keeps_its_uid_and_each_start_of_its_process_has_one_of_its_own()
    {
        var folder = Directory.CreateTempSubdirectory("stolon-uid-").FullName;
        try
        {
            List<(KeeperId Uid, string Boot)> starts = [.. new[] { "aaaaaaaa", "bbbbbbbb" }.Select(generated => Start(folder, generated))];

            starts.Select(start => start.Uid).Should().AllBeEquivalentTo(new KeeperId("aaaaaaaa"));
            starts.Select(start => start.Boot).Should().OnlyHaveUniqueItems().And.AllSatisfy(boot => Guid.Parse(boot).Should().NotBeEmpty());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    [Trait("Rule", "M3")]
    [Trait("Rule", "K8")]
    public async Task Each_report_of_a_keeper_is_a_new_one_and_its_process_stays_the_same()
    {
        await using var scene = new Keeper.KeeperScene().WithItsData();
        await scene.StartAsync();
        await Eventually.Holds(async () => await scene.ReportAsync() is not null, scene.Time);
        var first = (await scene.ReportAsync())!;

        await Eventually.Holds(async () => (await scene.ReportAsync())!.InfoUid != first.InfoUid, scene.Time);

        (await scene.ReportAsync())!.BootUuid.Should().Be(first.BootUuid).And.Be(scene.Memory.BootUuid);
    }

    private static (KeeperId Uid, string Boot) Start(string folder, string generated)
    {
        using var directory = KeeperDirectory.Open(folder, runAsUser: null);
        var uid = directory.Identify(configured: null, () => generated);
        return (uid, new KeeperMemory(uid, new KeeperMetrics("orders", uid, TimeProvider.System, scope: null), TimeProvider.System).BootUuid);
    }
}
