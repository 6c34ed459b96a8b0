using Stolon.Hosting.Stores;
using Stolon.Storage;

namespace Stolon.Stores.Tests;

/// <summary>The contract, kept by the embedded store.</summary>
public sealed class EmbeddedStoreTests : AgingStoreConformance
{
    private readonly StoreFolder folder = new();

    public override ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return folder.DisposeAsync();
    }

    internal override IClusterStore Open(TimeProvider time) =>
        folder.Open(new EmbeddedStoreSettings { Leadership = Quick }, time);

    internal override Task PutRawDocumentAsync(string json)
    {
        folder.Sql($"UPDATE document SET body = CAST('{json}' AS BLOB)");
        return Task.CompletedTask;
    }

    internal override Task PutRawReportAsync(string uid, string json)
    {
        folder.Sql($"UPDATE report SET body = CAST('{json}' AS BLOB) WHERE uid = '{uid}'");
        return Task.CompletedTask;
    }
}
