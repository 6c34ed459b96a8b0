using Stolon.Cluster;
using Stolon.Hosting.Postgres;

namespace Stolon.Hosting.Keeper;

/// <summary>
/// What PostgreSQL refused of the operator's parameters and pg_hba lines. In its place stays what it accepted before, until the document
/// says something else, so that one mistake holds up nothing else of the configuration (K22).
/// </summary>
internal sealed class RefusedSettings
{
    private readonly Lock gate = new();
    private ValueMap<string, string> refused = ValueMap<string, string>.Empty;
    private ValueMap<string, string> accepted = ValueMap<string, string>.Empty;
    private ValueList<string>? refusedHba;
    private ValueList<string>? hbaInstead;
    private bool hbaWasAccepted;
    private ValueList<string>? acceptedHba;
    private string said = "";

    /// <summary>What is not done of what the last document asks for, as a sentence; empty when all is.</summary>
    public string Trouble { get; private set; } = "";

    /// <summary>What is asked for, with what is known to be accepted in the place of what is known to be refused.</summary>
    /// <param name="db">What the document asks for.</param>
    /// <returns>What to render.</returns>
    public Database Without(Database db)
    {
        lock (gate)
        {
            var spec = Without(db.Spec);
            Trouble = spec == db.Spec ? "" : $"PostgreSQL does not accept {said}: what was in force before stays, and the rest is done";
            return db with { Spec = spec };
        }
    }

    /// <summary>A configuration was loaded.</summary>
    /// <param name="asked">What the document asked for.</param>
    /// <param name="internalOnly">The operator's pg_hba lines were not in it.</param>
    public void Accept(DatabaseSpec asked, bool internalOnly)
    {
        lock (gate)
        {
            var spec = Without(asked);
            accepted = Lower(spec.PgParameters);
            if (!internalOnly)
            {
                (hbaWasAccepted, acceptedHba) = (true, spec.PgHba);
            }
        }
    }

    /// <summary>A configuration was refused.</summary>
    /// <param name="asked">What the document asked for.</param>
    /// <param name="refusal">What PostgreSQL said.</param>
    /// <param name="hbaLines">How many lines that configuration's pg_hba has; the operator's are its last.</param>
    /// <returns>Whether it can be left out; false when none of it is the operator's.</returns>
    public bool Refuse(DatabaseSpec asked, Refusal refusal, int hbaLines)
    {
        lock (gate)
        {
            var spec = Without(asked);
            var mistakes = Lower(spec.PgParameters).Where(entry => refusal.Parameters.Contains(entry.Key, StringComparer.Ordinal)).ToList();
            var isHba = refusal.HbaLine > 0 && spec.PgHba is not null && refusedHba != spec.PgHba;
            if (mistakes.Count == 0 && !isHba)
            {
                return false;
            }

            refused = refused.SetItems(mistakes);
            if (isHba)
            {
                (refusedHba, hbaInstead) = (spec.PgHba, HbaInstead(spec.PgHba!.Value, refusal.HbaLine, hbaLines));
            }

            said = refusal.Said;
            return true;
        }
    }

    /// <summary>
    /// The lines before the first that is not understood mean what they meant to; whoever only a later one would let in, or keep out,
    /// stays out.
    /// </summary>
    private ValueList<string>? HbaInstead(ValueList<string> lines, int badLine, int allLines)
    {
        // The file begins with a line of the keeper's.
        var understood = badLine - 2 - (allLines - lines.Count);
        return hbaWasAccepted ? acceptedHba : lines.Take(Math.Max(0, understood)).ToValueList();
    }

    private DatabaseSpec Without(DatabaseSpec spec)
    {
        var parameters = spec.PgParameters;
        foreach (var (name, _) in spec.PgParameters.Where(entry => refused.Find(entry.Key.ToLowerInvariant()) == entry.Value))
        {
            parameters = accepted.Find(name.ToLowerInvariant()) is { } before ? parameters.With(name, before) : parameters.Without(name);
        }

        return spec with
        {
            PgParameters = parameters,
            PgHba = spec.PgHba is not null && spec.PgHba == refusedHba ? hbaInstead : spec.PgHba,
        };
    }

    private static ValueMap<string, string> Lower(ValueMap<string, string> parameters) =>
        new(parameters.Select(entry => KeyValuePair.Create(entry.Key.ToLowerInvariant(), entry.Value)));
}
