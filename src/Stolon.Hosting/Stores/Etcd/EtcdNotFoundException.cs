namespace Stolon.Hosting.Stores;

/// <summary>etcd says that a lease or a key is not there: nothing was done.</summary>
internal sealed class EtcdNotFoundException : Exception
{
    public EtcdNotFoundException()
    {
    }

    public EtcdNotFoundException(string message)
        : base(message)
    {
    }

    public EtcdNotFoundException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
