using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using QuickStart.Output;

namespace QuickStart.Roles;

/// <summary>
/// A process that plays one part. It ends when its standard input does, that is with its parent, however that ended; Ctrl+C at the
/// terminal reaches it too and is left to the parent, which stops the parts in order.
/// </summary>
internal static class ChildProgram
{
    /// <summary>Runs until the parent ends, or SIGTERM.</summary>
    /// <param name="role">The part.</param>
    /// <param name="path">Where everything is kept.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(RoleSpec role, string path)
    {
        using var end = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Ignore);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Ignore);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            end.Cancel();
        });
        WatchParent(end);

        var folder = DataFolder.Of(path);
        var log = new LineLog(folder.LogFile(role.Name), Tell, TimeProvider.System);
        await using (log)
        {
            try
            {
                using var host = RoleHost.Build(folder, [role], log);
                return await RunAsync(host, end.Token);
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                return 0;
            }
#pragma warning disable CA1031 // The edge of the program: whatever it was, it is told in one sentence and the process ends.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Tell(RoleHost.Explain(exception));
                return 1;
            }
        }
    }

    private static async Task<int> RunAsync(IHost host, CancellationToken end)
    {
        var ending = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        await host.StartAsync(end);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end, ending);
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (either.Token.Register(waiting.SetResult))
        {
            await waiting.Task;
        }

        // A part that ended by itself has failed; it said why.
        var hasFailed = !end.IsCancellationRequested;
        await host.StopAsync(CancellationToken.None);
        return hasFailed ? 1 : 0;
    }

    private static void Ignore(PosixSignalContext context) => context.Cancel = true;

    /// <summary>Tells the parent, which shows it.</summary>
    private static void Tell(string text)
    {
        try
        {
            Console.Error.WriteLine(text);
        }
        catch (IOException)
        {
            // The parent has gone.
        }
    }

    private static void WatchParent(CancellationTokenSource end)
    {
        var thread = new Thread(() =>
        {
            using var input = Console.OpenStandardInput();
            try
            {
                while (input.ReadByte() >= 0)
                {
                    // Nothing is ever sent.
                }
            }
            catch (IOException)
            {
                // As good as its end.
            }

            try
            {
                end.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // This process ends already.
            }
        }, maxStackSize: 256 * 1024)
        { IsBackground = true, Name = "parent" };
        thread.Start();
    }
}
