namespace Stolon.Cli;

/// <summary>The command cannot be carried out as it was given. The message is one line: what is wrong, and what helps.</summary>
internal sealed class CommandException : Exception
{
    /// <summary>Makes the exception.</summary>
    public CommandException()
        : this("This cannot be done.")
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong, and what helps.</param>
    public CommandException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong, and what helps.</param>
    /// <param name="innerException">The cause.</param>
    public CommandException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
