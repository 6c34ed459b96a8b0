namespace Stolon.Hosting;

/// <summary>
/// Something that was asked for cannot be done, and nothing was changed. The message names what and where it is, and what helps.
/// </summary>
public class StolonException : Exception
{
    /// <summary>Makes the exception.</summary>
    public StolonException()
        : this("This cannot be done.")
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What, where, and what helps.</param>
    public StolonException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What, where, and what helps.</param>
    /// <param name="innerException">The cause.</param>
    public StolonException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
