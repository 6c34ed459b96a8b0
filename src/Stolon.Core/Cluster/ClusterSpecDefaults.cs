namespace Stolon.Cluster;

/// <summary>A specification with nothing left to guess: what <c>spec --defaults</c> shows (M10).</summary>
public static class ClusterSpecDefaults
{
    private static readonly string[] NullWhenUnset = ["newConfig", "pitrConfig", "existingConfig", "standbyConfig"];

    /// <summary>Fills in what an unset field means.</summary>
    /// <param name="spec">The specification as written.</param>
    /// <returns>The specification with every default; what has none is an explicit null.</returns>
    public static ClusterSpec WithDefaults(this ClusterSpec spec)
    {
        var settings = new ClusterSettings(spec);
        return spec with
        {
            SleepInterval = settings.SleepInterval,
            RequestTimeout = settings.RequestTimeout,
            ConvergenceTimeout = settings.ConvergenceTimeout,
            InitTimeout = settings.InitTimeout,
            SyncTimeout = settings.SyncTimeout,
            DbWaitReadyTimeout = settings.DbWaitReadyTimeout,
            FailInterval = settings.FailInterval,
            DeadKeeperRemovalInterval = settings.DeadKeeperRemovalInterval,
            ProxyCheckInterval = settings.ProxyCheckInterval,
            ProxyTimeout = settings.ProxyTimeout,
            MaxStandbys = settings.MaxStandbys,
            MaxStandbysPerSender = settings.MaxStandbysPerSender,
            MaxStandbyLag = settings.MaxStandbyLag,
            SynchronousReplication = spec.SynchronousReplication ?? false,
            MinSynchronousStandbys = settings.MinSynchronousStandbys,
            MaxSynchronousStandbys = settings.MaxSynchronousStandbys,
            AdditionalWalSenders = settings.AdditionalWalSenders,
            UsePgRewind = settings.UsePgRewind,
            MergePgParameters = settings.MergePgParameters,
            Role = settings.Role,
            DefaultSuReplAccessMode = settings.DefaultSuReplAccessMode,
            AutomaticPgRestart = settings.AutomaticPgRestart,
            DefaultAuthMethod = settings.AuthMethod,
            FailOnRefusal = settings.FailOnRefusal,
            Unknown = new UnknownMembers(NullWhenUnset.Where(name => !IsSet(spec, name))
                .Aggregate(spec.Unknown.Members, (members, name) => members.With(name, "null"))),
        };
    }

    private static bool IsSet(ClusterSpec spec, string name) => name switch
    {
        "newConfig" => spec.NewConfig is not null,
        "pitrConfig" => spec.PitrConfig is not null,
        "existingConfig" => spec.ExistingConfig is not null,
        _ => spec.StandbyConfig is not null,
    };
}
