using Stolon.Cluster;

namespace Stolon.Hosting.Administration;

/// <summary>What a switchover shall do.</summary>
public sealed record SwitchoverOptions
{
    /// <summary>The keeper whose standby shall take over. Default null: the sentinel chooses the most advanced one that may.</summary>
    public KeeperId? To { get; init; }

    /// <summary>
    /// How long it may take until it begins to close clients out; after that it is refused. It covers the checkpoint that the primary writes first, while
    /// clients go on. Default 30 s; 1 s to 1 h.
    /// </summary>
    public TimeSpan Limit { get; init; } = Switchover.DefaultLimit;

    /// <summary>Is told each step, as a sentence. Default null = nobody is.</summary>
    public Action<string>? Progress { get; init; }
}

/// <summary>How a switchover ended.</summary>
public enum SwitchoverOutcome
{
    /// <summary>Another instance is the primary. Nothing that was acknowledged is lost.</summary>
    Finished,

    /// <summary>It did not begin, and nothing was changed.</summary>
    Refused,

    /// <summary>It was given up on the way: the primary is the one of before, or one that took over by the rules of a failover.</summary>
    Undone,

    /// <summary>It goes on, or waits for somebody to come back: <c>ctl explain</c> says for whom.</summary>
    UnderWay,
}

/// <summary>What became of a switchover.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Text">The same as a sentence, with the reasons.</param>
public sealed record SwitchoverResult(SwitchoverOutcome Outcome, string Text);
