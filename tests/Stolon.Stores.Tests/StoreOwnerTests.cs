using Stolon.Hosting.Stores;

namespace Stolon.Stores.Tests;

/// <summary>A store file is for one cluster.</summary>
public sealed class StoreOwnerTests
{
    private static readonly EmbeddedStoreSettings Orders = new() { ClusterName = "orders" };
    private static readonly EmbeddedStoreSettings Invoices = new() { ClusterName = "invoices" };

    [Fact]
    public async Task A_file_of_another_cluster_is_refused_and_left_as_it_is()
    {
        await using var folder = new StoreFolder();
        await folder.Open(Orders).OverwriteAsync(A.Document(7), [], CancellationToken.None);

        var message = await StoreFolder.FailureAsync(folder.Open(Invoices));
        var write = async () => await folder.Open(Invoices).OverwriteAsync(A.Document(8), [], CancellationToken.None);

        message.Should().Contain(folder.Path).And.Contain("cluster orders, not of invoices");
        await write.Should().ThrowAsync<Stolon.Storage.StoreUnavailableException>();
        (await folder.Open(Orders).ReadAsync(CancellationToken.None))!.Data.Revision.Should().Be(7);
    }

    [Fact]
    public async Task A_file_from_before_names_were_kept_is_that_of_the_first_who_writes()
    {
        await using var folder = new StoreFolder();
        await folder.MakeAsync(revision: 7);

        (await folder.Open(Invoices).ReadAsync(CancellationToken.None))!.Data.Revision.Should().Be(7, "reading gives no name");
        await folder.Open(Orders).OverwriteAsync(A.Document(8), [], CancellationToken.None);

        (await StoreFolder.FailureAsync(folder.Open(Invoices))).Should().Contain("cluster orders, not of invoices");
        (await folder.Open().ReadAsync(CancellationToken.None))!.Data.Revision.Should().Be(8);
    }
}
