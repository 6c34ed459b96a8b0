namespace Stolon.Hosting.Keeper;

/// <summary>A keeper's data directory cannot be used; nothing in it was changed (S7).</summary>
public sealed class KeeperDirectoryException : Exception
{
    /// <summary>Makes the exception.</summary>
    public KeeperDirectoryException()
        : this("The keeper's data directory cannot be used.")
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong with the directory, and what helps.</param>
    public KeeperDirectoryException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong with the directory, and what helps.</param>
    /// <param name="innerException">The cause.</param>
    public KeeperDirectoryException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
