using Etcdserverpb;
using Google.Protobuf;

namespace Stolon.Hosting.Stores;

/// <summary>The parts of etcd's transactions that are used here.</summary>
internal static class EtcdOps
{
    /// <summary>Writes a key.</summary>
    public static RequestOp Put(string key, ByteString value) =>
        new() { RequestPut = new PutRequest { Key = ByteString.CopyFromUtf8(key), Value = value } };

    /// <summary>Reads a key.</summary>
    public static RequestOp Get(string key) => new() { RequestRange = new RangeRequest { Key = ByteString.CopyFromUtf8(key) } };

    /// <summary>The key was last changed in this revision; 0 = it is not there.</summary>
    public static Compare ChangedIn(string key, long revision) => new()
    {
        Key = ByteString.CopyFromUtf8(key),
        Target = Compare.Types.CompareTarget.Mod,
        Result = Compare.Types.CompareResult.Equal,
        ModRevision = revision,
    };

    /// <summary>The key is there.</summary>
    public static Compare Exists(string key) => new()
    {
        Key = ByteString.CopyFromUtf8(key),
        Target = Compare.Types.CompareTarget.Create,
        Result = Compare.Types.CompareResult.Greater,
        CreateRevision = 0,
    };
}
