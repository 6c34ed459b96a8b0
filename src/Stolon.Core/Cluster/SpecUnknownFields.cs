using System.Collections.Immutable;

namespace Stolon.Cluster;

/// <summary>
/// The members of a specification that this version does not know. In the store they are kept (M1); in what an operator writes they are
/// most likely misspelt.
/// </summary>
public static class SpecUnknownFields
{
    /// <summary>Finds them.</summary>
    /// <param name="spec">The specification.</param>
    /// <returns>Their JSON paths, for example <c>$.failIntervall</c>.</returns>
    public static ImmutableArray<string> FindUnknownFields(this ClusterSpec spec) =>
    [
        .. Of("$", spec.Unknown, SpecShapes.Spec.Names),
        .. Of("$.newConfig", spec.NewConfig?.Unknown, SpecShapes.New.Names),
        .. Of("$.existingConfig", spec.ExistingConfig?.Unknown, SpecShapes.Existing.Names),
        .. Of("$.pitrConfig", spec.PitrConfig?.Unknown, SpecShapes.Pitr.Names),
        .. Of("$.pitrConfig.archiveRecoverySettings", spec.PitrConfig?.ArchiveRecoverySettings?.Unknown, SpecShapes.Archive.Names),
        .. Of("$.pitrConfig.recoveryTargetSettings", spec.PitrConfig?.RecoveryTargetSettings?.Unknown, SpecShapes.RecoveryTarget.Names),
        .. Of("$.standbyConfig", spec.StandbyConfig?.Unknown, SpecShapes.StandbyCluster.Names),
        .. Of("$.standbyConfig.standbySettings", spec.StandbyConfig?.StandbySettings?.Unknown, SpecShapes.Standby.Names),
        .. Of("$.standbyConfig.archiveRecoverySettings", spec.StandbyConfig?.ArchiveRecoverySettings?.Unknown, SpecShapes.Archive.Names),
    ];

    // A known member that was given as null is kept among the unknown ones, but it is not one.
    private static IEnumerable<string> Of(string path, UnknownMembers? members, IEnumerable<string> known) =>
        members is null ? [] : members.Members.Keys.Except(known, StringComparer.Ordinal).Select(name => $"{path}.{name}");
}
