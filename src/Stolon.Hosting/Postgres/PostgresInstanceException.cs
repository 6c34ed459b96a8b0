namespace Stolon.Hosting.Postgres;

/// <summary>PostgreSQL, or one of its programs, did not do what it was told.</summary>
public sealed class PostgresInstanceException : Exception
{
    /// <summary>Makes the exception.</summary>
    public PostgresInstanceException()
        : this("PostgreSQL did not do what it was told.")
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What failed, the last lines of what PostgreSQL said, and what helps. Never a password.</param>
    public PostgresInstanceException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What failed, the last lines of what PostgreSQL said, and what helps. Never a password.</param>
    /// <param name="innerException">The cause.</param>
    public PostgresInstanceException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The message in one line, for a status: without what PostgreSQL said, which the log has.</summary>
    public string Summary
    {
        get => field ?? Message.ReplaceLineEndings(" ");
        init;
    }
}
