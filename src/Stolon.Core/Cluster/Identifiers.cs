namespace Stolon.Cluster;

/// <summary>Identifies one assignment of a PostgreSQL instance to a keeper (a "db" of the document): eight hex digits.</summary>
/// <param name="Value">The uid as it stands in the document.</param>
public readonly record struct DbId(string Value) : IComparable<DbId>
{
    /// <summary>Compares by ordinal order of the uid.</summary>
    /// <param name="other">The id to compare with.</param>
    /// <returns>Negative, zero or positive, as <see cref="string.CompareOrdinal(string, string)"/> does.</returns>
    public int CompareTo(DbId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Identifies one keeper, for the life of its data directory. Matches <c>^[a-z0-9_]+$</c> (M3).</summary>
/// <param name="Value">The uid as it stands in the document.</param>
public readonly record struct KeeperId(string Value) : IComparable<KeeperId>
{
    /// <summary>Compares by ordinal order of the uid.</summary>
    /// <param name="other">The id to compare with.</param>
    /// <returns>Negative, zero or positive, as <see cref="string.CompareOrdinal(string, string)"/> does.</returns>
    public int CompareTo(KeeperId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Identifies one proxy process: eight hex digits, new at every start.</summary>
/// <param name="Value">The uid as it stands in the document.</param>
public readonly record struct ProxyId(string Value) : IComparable<ProxyId>
{
    /// <summary>Compares by ordinal order of the uid.</summary>
    /// <param name="other">The id to compare with.</param>
    /// <returns>Negative, zero or positive, as <see cref="string.CompareOrdinal(string, string)"/> does.</returns>
    public int CompareTo(ProxyId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Identifies one sentinel process: eight hex digits, new at every start.</summary>
/// <param name="Value">The uid as it stands in the store.</param>
public readonly record struct SentinelId(string Value) : IComparable<SentinelId>
{
    /// <summary>Compares by ordinal order of the uid.</summary>
    /// <param name="other">The id to compare with.</param>
    /// <returns>Negative, zero or positive, as <see cref="string.CompareOrdinal(string, string)"/> does.</returns>
    public int CompareTo(SentinelId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
