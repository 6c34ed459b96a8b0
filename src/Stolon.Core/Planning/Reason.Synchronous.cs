using Stolon.Cluster;

namespace Stolon.Planning;

/// <content>What is said about synchronous replication (N18-N22).</content>
public abstract partial record Reason
{
    /// <summary>The set that commits wait for changes (N22).</summary>
    /// <param name="Primary">The primary.</param>
    /// <param name="Old">The set before.</param>
    /// <param name="New">The set from now on.</param>
    /// <param name="Missing">There are too few: writes wait until so many are in sync (N22.6); 0 = there are enough.</param>
    public sealed record SynchronousSetChanged(DbId Primary, ValueList<DbId> Old, ValueList<DbId> New, int Missing) : Reason
    {
        /// <inheritdoc/>
        public override string Text => string.Join(' ', Sentences());

        private IEnumerable<string> Sentences()
        {
            var (added, gone) = (New.Except(Old).ToValueList(), Old.Except(New).ToValueList());
            if (added.Count > 0)
            {
                yield return $"Commits on {Primary} {(Old.Count > gone.Count ? "also " : "")}wait for {Listed(added)}"
                    + (gone.Count > 0 ? $", and no longer for {Listed(gone)}." : ".");
            }
            else if (gone.Count > 0)
            {
                yield return $"Commits on {Primary} no longer wait for {Listed(gone)}.";
            }

            if (Missing > 0)
            {
                yield return $"Writes on {Primary} wait until {Missing} {(Missing == 1 ? "standby is" : "standbys are")} in sync.";
            }
            else if (added.Count + gone.Count == 0)
            {
                yield return $"Writes on {Primary} wait for no further standby.";
            }
        }

        private static string Listed(ValueList<DbId> databases) => string.Join(" and ", databases);
    }

    /// <summary>Some of the standbys that commits wait for are known to be in sync now (N20).</summary>
    /// <param name="Primary">The primary.</param>
    /// <param name="Known">Those known to be in sync.</param>
    public sealed record SynchronousSetLearnt(DbId Primary, ValueList<DbId> Known) : Reason
    {
        /// <inheritdoc/>
        public override string Text => $"Known to be in sync with {Primary}: {Known}.";
    }

    /// <summary>A change of the synchronous set settles, and the set is not touched meanwhile (N21, S8).</summary>
    /// <param name="Awaited">Those not known to be in sync yet.</param>
    public sealed record SynchronousSetSettles(ValueList<DbId> Awaited) : Reason
    {
        /// <inheritdoc/>
        public override string Text => $"Waiting until {Awaited} are known to be in sync.";

        /// <inheritdoc/>
        public override bool IsChange => false;
    }

    /// <summary>Synchronous replication was turned on or off (N18, N22).</summary>
    /// <param name="Primary">The primary.</param>
    /// <param name="On">On or off.</param>
    public sealed record SynchronousReplicationTurned(DbId Primary, bool On) : Reason
    {
        /// <inheritdoc/>
        public override string Text => $"Synchronous replication on {Primary} is turned {(On ? "on" : "off")}.";
    }
}
