namespace Stolon.Cluster;

/// <summary>A stored document, report or state file cannot be understood: wrong JSON, a wrong type, an unknown format version.</summary>
public sealed class ClusterDataException : Exception
{
    /// <summary>Makes the exception.</summary>
    public ClusterDataException()
        : this("The document cannot be understood.")
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">The JSON path, what stands there and what was expected.</param>
    public ClusterDataException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">The JSON path, what stands there and what was expected.</param>
    /// <param name="innerException">The cause.</param>
    public ClusterDataException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
