using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace Stolon.Cli.Roles;

/// <summary>
/// SIGINT, SIGTERM, and a terminal that is closed: the first ends the role in order, the second at once (PostgreSQL follows within a second, since
/// its guard notices that its keeper has gone).
/// </summary>
internal sealed partial class SignalLifetime : IHostLifetime, IDisposable
{
    private const int InterruptedExitCode = 130;
    private const int Sigint = 2;
    private const nint DefaultAction = 0;

    private readonly IHostApplicationLifetime application;
    private readonly PosixSignalRegistration[] registrations;
    private int signals;

    /// <summary>Begins to listen.</summary>
    /// <param name="application">What is to be ended.</param>
    public SignalLifetime(IHostApplicationLifetime application)
    {
        this.application = application;
        if (!OperatingSystem.IsWindows())
        {
            // A shell without job control starts what is in its background with SIGINT ignored, and the runtime would leave it at that.
            Signal(Sigint, DefaultAction);
        }

        registrations =
        [
            .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT }
                .Select(signal => PosixSignalRegistration.Create(signal, Handle)),
        ];
    }

    /// <summary>Somebody asked for the end; if nobody did, the role failed.</summary>
    public bool WasAsked => Volatile.Read(ref signals) > 0;

    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }
    }

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Signal(int signal, nint action);

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref signals) > 1)
        {
            Environment.Exit(InterruptedExitCode);
        }

        application.StopApplication();
    }
}
