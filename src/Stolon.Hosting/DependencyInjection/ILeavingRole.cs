namespace Stolon.Hosting.DependencyInjection;

/// <summary>A role that others should take something over from before it stops, while every role of the host still runs.</summary>
internal interface ILeavingRole
{
    /// <summary>Tells the others that the host ends.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When told.</returns>
    Task AnnounceLeaveAsync(CancellationToken cancellationToken);

    /// <summary>Hands on what others should have.</summary>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When handed on, or when that cannot be done.</returns>
    Task LeaveAsync(TimeSpan limit, CancellationToken cancellationToken);
}
