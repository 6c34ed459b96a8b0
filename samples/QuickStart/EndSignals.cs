using System.Runtime.InteropServices;

namespace QuickStart;

/// <summary>Ctrl+C, SIGTERM, and a terminal that is closed: the first ends everything in order, the second at once.</summary>
internal sealed class EndSignals : IDisposable
{
    private const int InterruptedExitCode = 130;

    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;

    /// <summary>Begins to listen.</summary>
    public EndSignals()
    {
        registrations =
        [
            .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, Handle)),
        ];
    }

    /// <summary>Cancelled when the program shall end.</summary>
    public CancellationToken End => source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }

        source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (source.IsCancellationRequested)
        {
            // PostgreSQL follows within a second: its guards notice that their keepers have gone.
            Environment.Exit(InterruptedExitCode);
        }

        source.Cancel();
    }
}
