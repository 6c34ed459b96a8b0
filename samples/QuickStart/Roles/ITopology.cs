namespace QuickStart.Roles;

/// <summary>The running parts of the cluster: all in this process, or each in one of its own.</summary>
internal interface ITopology : IAsyncDisposable
{
    /// <summary>Store and administration.</summary>
    IServiceProvider Services { get; }

    /// <summary>Completes, with the reason, when the cluster cannot go on.</summary>
    Task<string> Failed { get; }

    /// <summary>Starts everything.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When started.</returns>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Stops everything: clients first, PostgreSQL last.</summary>
    /// <returns>When nothing runs any more.</returns>
    Task StopAsync();
}
