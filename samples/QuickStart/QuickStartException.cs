namespace QuickStart;

/// <summary>Something that the user must know, and that ends the program. The message names the remedy.</summary>
internal sealed class QuickStartException : Exception
{
    /// <summary>Makes the exception.</summary>
    public QuickStartException()
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong, and what helps.</param>
    public QuickStartException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong, and what helps.</param>
    /// <param name="innerException">The cause.</param>
    public QuickStartException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
