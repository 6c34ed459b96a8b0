using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>Who connects, and how. Passwords are nowhere but where they are needed (S11).</summary>
/// <param name="UserName">The role.</param>
/// <param name="AuthMethod">As in <c>pg_hba.conf</c>: <c>scram-sha-256</c>, <c>md5</c> or <c>trust</c>.</param>
/// <param name="Passwords">Its password, which may change while we run; none for trust.</param>
internal sealed record PostgresCredentials(string UserName, string AuthMethod, RolePassword Passwords)
{
    /// <summary>The password that the role shall have; null = none, as for trust.</summary>
    public string? Password => Passwords.Current;

    /// <summary>The password that this method asks for; null for trust.</summary>
    public string? NeededPassword => AuthMethod == "trust" ? null : Password;

    /// <inheritdoc cref="RolePassword.LogInAsync"/>
    public Task<T> LogInAsync<T>(Func<string?, Task<T>> attempt) => AuthMethod == AuthMethods.Trust ? attempt(null) : Passwords.LogInAsync(attempt);

    /// <summary>The method of a rule that lets it in; where nobody chose one it is md5, which takes SCRAM secrets too (Q17).</summary>
    public string RuleMethod => AuthMethod.Length > 0 ? AuthMethod : AuthMethods.Md5;

    /// <summary>Without the password.</summary>
    public override string ToString() => $"{UserName} ({AuthMethod})";
}

/// <summary>Where an instance lives, how it is reached, and as whom it runs.</summary>
internal sealed record PostgresSettings
{
    /// <summary>The keeper's data directory; PGDATA is its folder <c>postgres</c>.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The address that PostgreSQL listens on, beside its socket.</summary>
    public required string ListenAddress { get; init; }

    /// <summary>The port, of the socket too.</summary>
    public required int Port { get; init; }

    /// <summary>Where <c>postgres</c>, <c>initdb</c> and the others are; null = they are looked for.</summary>
    public string? BinDirectory { get; init; }

    /// <summary>As whom PostgreSQL runs when this process is root; null = <c>postgres</c> then, else this process's own user.</summary>
    public string? RunAsUser { get; init; }

    /// <summary>See <see cref="KeeperOptions.PassEnvironment"/>.</summary>
    public IReadOnlyCollection<string> PassEnvironment { get; init; } = [];

    public required PostgresCredentials Superuser { get; init; }

    public required PostgresCredentials Replication { get; init; }
}
