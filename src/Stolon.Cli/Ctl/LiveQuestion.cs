using Stolon.Planning;

namespace Stolon.Cli.Ctl;

/// <summary>The live data as a question to the planner.</summary>
internal static class LiveQuestion
{
    /// <summary>Reads it. Who is alive is what the leading sentinel wrote down: one look at the reports cannot tell.</summary>
    /// <param name="session">The cluster.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The question.</returns>
    public static async Task<WhatIfQuestion> ReadAsync(CtlSession session, CancellationToken cancellationToken)
    {
        var now = session.Time.GetUtcNow();
        var stored = await session.ReadAsync(cancellationToken).ConfigureAwait(false);
        var reports = await session.Store.ListReportsAsync(cancellationToken).ConfigureAwait(false);
        return new WhatIfQuestion { Data = stored.Data, LastReports = reports.Keepers, Proxies = reports.Proxies, Now = now };
    }
}
