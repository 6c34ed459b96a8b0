namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that becomes known later.</summary>
public sealed class ValueSnapshot<T>
    where T : notnull
{
    private readonly Lock gate = new();
    private TaskCompletionSource<T> source = New();
    private T? current;

    public bool IsValueSet
    {
        get
        {
            lock (gate)
            {
                return source.Task.IsCompletedSuccessfully;
            }
        }
    }

    /// <summary>What is set, or the default.</summary>
    internal T? Current
    {
        get
        {
            lock (gate)
            {
                return current;
            }
        }
    }

    public Task<T> GetValueAsync(CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return source.Task.WaitAsync(cancellationToken);
        }
    }

    public void SetValue(T value)
    {
        lock (gate)
        {
            Open().SetResult(value);
            current = value;
        }
    }

    public void SetException(Exception exception)
    {
        lock (gate)
        {
            Open().SetException(exception);
            current = default;
        }
    }

    private static TaskCompletionSource<T> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TaskCompletionSource<T> Open() => source.Task.IsCompleted ? source = New() : source;
}
