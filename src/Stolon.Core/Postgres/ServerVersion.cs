namespace Stolon.Postgres;

/// <summary>A PostgreSQL version. Everything that differs between 13 and 18 asks it here.</summary>
/// <param name="Major">15 of 15.18; 0 = unknown.</param>
/// <param name="Minor">18 of 15.18.</param>
public readonly record struct ServerVersion(int Major, int Minor)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Major}.{Minor}";
}
