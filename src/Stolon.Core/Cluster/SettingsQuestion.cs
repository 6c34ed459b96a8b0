namespace Stolon.Cluster;

/// <summary>Identifies one question: it is drawn, so that nobody else's answer is taken for one to it.</summary>
/// <param name="Value">The id as it stands in the store.</param>
public readonly record struct QuestionId(string Value) : IComparable<QuestionId>
{
    /// <summary>Compares by ordinal order of the id.</summary>
    /// <param name="other">The id to compare with.</param>
    /// <returns>Negative, zero or positive, as <see cref="string.CompareOrdinal(string, string)"/> does.</returns>
    public int CompareTo(QuestionId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>
/// Asks the keepers whether their running PostgreSQL would accept settings, before these are written into the document. Nothing of it is
/// ever put into force. Ours.
/// </summary>
public sealed record SettingsQuestion
{
    /// <summary>The question.</summary>
    public required QuestionId Id { get; init; }

    /// <summary>The parameters to look at, by the names that the operator wrote.</summary>
    public ValueMap<string, string> PgParameters { get; init; } = ValueMap<string, string>.Empty;

    /// <summary>All of the operator's lines of <c>pg_hba.conf</c> to look at; empty = none.</summary>
    public ValueList<string> PgHba { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}

/// <summary>What a running PostgreSQL says to a <see cref="SettingsQuestion"/>. Ours.</summary>
public sealed record SettingsAnswer
{
    /// <summary>The question.</summary>
    public QuestionId Question { get; init; }

    /// <summary>What it does not accept, as sentences that begin with the JSON path and say what was expected; empty = it accepts all.</summary>
    public ValueList<string> Mistakes { get; init; }

    /// <summary>Those of the parameters that it takes up only by a restart, sorted.</summary>
    public ValueList<string> NeedRestart { get; init; }

    /// <summary>What this version does not know.</summary>
    public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}
