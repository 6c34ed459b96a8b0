using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Stolon.Hosting.Stores;
using Stolon.Storage;

namespace Stolon.AspNetCore.Tests;

/// <summary>A store in memory whose reads of the document a test may replace.</summary>
public class AlteredStore : DispatchProxy
{
    private object inner = null!;
    private volatile Func<Task<StoredClusterData?>>? read;

    /// <summary>Registers one over the store that was chosen.</summary>
    public static AlteredStore Over(IServiceCollection services, string cluster, TimeProvider time)
    {
        var store = Create<IClusterStore, AlteredStore>();
        var altered = (AlteredStore)(object)store;
        altered.inner = new InMemoryClusterStore(time);
        services.AddKeyedSingleton(cluster, store);
        return altered;
    }

    /// <summary>From now on reads never end, whatever their tokens say.</summary>
    public void Hang() => read = () => new TaskCompletionSource<StoredClusterData?>().Task;

    /// <summary>From now on reads fail.</summary>
    public void GoAway(string why = "the test took the store away") =>
        read = () => Task.FromException<StoredClusterData?>(new StoreUnavailableException(why));

    /// <summary>From now on it works.</summary>
    public void ComeBack() => read = null;

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.Name == nameof(IClusterStore.ReadAsync) && read is { } other
            ? new ValueTask<StoredClusterData?>(other())
            : targetMethod.Invoke(inner, BindingFlags.DoNotWrapExceptions, binder: null, args, culture: null);
}
