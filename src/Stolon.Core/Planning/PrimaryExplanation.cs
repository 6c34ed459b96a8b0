using System.Collections.Immutable;
using Stolon.Cluster;

namespace Stolon.Planning;

/// <summary>A standby that may take over.</summary>
/// <param name="Db">The standby.</param>
/// <param name="Keeper">Its keeper.</param>
/// <param name="BytesBehind">How many bytes it is behind the primary, by their last reports.</param>
public sealed record Successor(DbId Db, KeeperId Keeper, long BytesBehind);

/// <summary>A keeper that cannot hold the primary now.</summary>
/// <param name="Keeper">The keeper.</param>
/// <param name="Db">Its db; null = it has none.</param>
/// <param name="Rule">The rule that rejects it.</param>
/// <param name="Why">Why, as half a sentence.</param>
public sealed record ExcludedKeeper(KeeperId Keeper, DbId? Db, string Rule, string Why);

/// <summary>
/// Who is primary, who would be next, and who cannot be. It has no rules of its own: the planner's own election is held with the primary and its
/// keeper taken away.
/// </summary>
public sealed record PrimaryExplanation
{
    /// <summary>The primary; null = there is none.</summary>
    public Database? Primary { get; init; }

    /// <summary>Why it stays primary, or what is wrong with it, as a sentence.</summary>
    public required string State { get; init; }

    /// <summary>Those that may take over, the next one first.</summary>
    public ImmutableArray<Successor> Successors { get; init; } = [];

    /// <summary>Those that may not, and why not.</summary>
    public ImmutableArray<ExcludedKeeper> Excluded { get; init; } = [];

    /// <summary>What the planner says now.</summary>
    public ImmutableArray<Reason> Reasons { get; init; } = [];

    /// <summary>Explains.</summary>
    /// <param name="question">The data.</param>
    /// <returns>The explanation.</returns>
    /// <exception cref="ClusterDataException">The specification in the document is not valid: no sentinel would plan on it.</exception>
    public static PrimaryExplanation Of(WhatIfQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        var reasons = WhatIf.Ask(question).Reasons;
        var now = WhatIf.TimeOf(question);
        var (data, active, memory) = WhatIf.Look(question, now);
        var inputs = new PlannerInputs(now, () => "");
        if (data.Primary is not { } primary)
        {
            return new PrimaryExplanation
            {
                State = data.Cluster.Status.Phase == ClusterPhase.Initializing ? "The first instance is not there yet." : "The document names no primary that it holds.",
                Excluded = [.. data.Keepers.Values.Select(keeper => WithoutDb(keeper.Uid)).Where(keeper => data.DatabaseOf(keeper.Keeper) is null)],
                Reasons = reasons,
            };
        }

        var wrong = Election.FailureOf(Draft.Of(data, active, memory, inputs), primary);
        var lost = Survivability.WithoutPrimary(data, primary);
        var candidates = Election.Candidates(Draft.Of(lost, active, memory, inputs), lost.Primary!);
        return new PrimaryExplanation
        {
            Primary = primary,
            State = wrong is null
                ? primary.Converged
                    ? "It is healthy and has carried out what was asked of it: a primary that is well stays (N3)."
                    : "It is healthy and carries out its last change (N3)."
                : $"It has failed: {wrong} (N3).",
            Successors =
            [
                .. candidates.Where(candidate => candidate.Rejection is null)
                    .Select(candidate => new Successor(candidate.Db.Uid, candidate.Db.Spec.Keeper, Math.Max(0, Judgement.BytesBehind(primary, candidate.Db)))),
            ],
            Excluded =
            [
                .. candidates.Where(candidate => candidate.Rejection is not null)
                    .Select(candidate => new ExcludedKeeper(candidate.Db.Spec.Keeper, candidate.Db.Uid, candidate.Rejection!.Rule, candidate.Rejection.Why)),
                .. data.Keepers.Keys.Where(keeper => data.DatabaseOf(keeper) is null).Select(WithoutDb),
            ],
            Reasons = reasons,
        };
    }

    private static ExcludedKeeper WithoutDb(KeeperId keeper) => new(keeper, null, "P10", "it has no copy of the data");
}
