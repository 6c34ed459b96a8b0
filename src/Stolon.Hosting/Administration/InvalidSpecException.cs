using System.Collections.Immutable;

namespace Stolon.Hosting.Administration;

/// <summary>A cluster specification, or a change of one, is refused. Nothing was changed.</summary>
public sealed class InvalidSpecException : StolonException
{
    /// <summary>Makes the exception.</summary>
    public InvalidSpecException()
        : this(["it is not valid"])
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong, and what was expected.</param>
    public InvalidSpecException(string message)
        : this([message])
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong, and what was expected.</param>
    /// <param name="innerException">The cause.</param>
    public InvalidSpecException(string message, Exception? innerException)
        : base(message, innerException) => Mistakes = [message];

    /// <summary>Makes the exception.</summary>
    /// <param name="mistakes">Every mistake: its place, and what was expected.</param>
    public InvalidSpecException(ImmutableArray<string> mistakes)
        : base($"The cluster specification is refused, nothing was changed: {string.Join("; ", mistakes)}") => Mistakes = mistakes;

    /// <summary>The same with <see cref="UpdateOptions.Force"/> or <see cref="InitOptions.Force"/> is accepted: a cluster can live with it.</summary>
    public bool CanBeForced { get; init; }

    /// <summary>Every mistake: its place, and what was expected.</summary>
    public ImmutableArray<string> Mistakes { get; }
}
