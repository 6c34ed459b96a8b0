using Microsoft.Extensions.Hosting;
using QuickStart.Output;

namespace QuickStart.Roles;

/// <summary>Every part of the cluster in a process of its own, all on one store file. A part that ended is started again.</summary>
internal sealed class ManyProcesses : ITopology
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    private readonly TaskCompletionSource<string> failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource stopping = new();
    private readonly TimeProvider time = TimeProvider.System;
    private readonly Screen screen;
    private readonly DataFolder folder;
    private readonly TimeSpan? restartAfter;
    private readonly LineLog log;
    private readonly IHost host;
    private readonly List<Slot> slots;

    /// <summary>Makes it; nothing runs yet.</summary>
    /// <param name="screen">Where to say what happens.</param>
    /// <param name="folder">Where everything is kept.</param>
    /// <param name="roles">The parts.</param>
    /// <param name="restartAfter">When a part that ended starts again; null = when it is asked for.</param>
    public ManyProcesses(Screen screen, DataFolder folder, IEnumerable<RoleSpec> roles, TimeSpan? restartAfter)
    {
        (this.screen, this.folder, this.restartAfter) = (screen, folder, restartAfter);
        log = new LineLog(folder.LogFile("quickstart"), text => screen.Say($"! {text}"), time);
        host = RoleHost.Build(folder, [], log);
        slots = [.. roles.Select(role => new Slot(role))];
    }

    /// <inheritdoc/>
    public IServiceProvider Services => host.Services;

    /// <inheritdoc/>
    public Task<string> Failed => failed.Task;

    /// <summary>A part that ends by itself now has failed for good, since nothing worked yet.</summary>
    public bool IsComingUp { get; set; } = true;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var slot in slots)
        {
            slot.Loop = KeepRunningAsync(slot);
        }

        screen.Say($"processes: {string.Join(", ", slots.Select(slot => $"{slot.Role.Name} {slot.Child?.Pid}"))} (and {Environment.ProcessId}, which started them)");
        return Task.CompletedTask;
    }

    /// <summary>kill -9 for a part.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Its process id.</returns>
    public int Kill(string name)
    {
        var child = slots.Single(slot => slot.Role.Name == name).Child!;
        child.Kill();
        return child.Pid;
    }

    /// <summary>Starts a part that ended, now.</summary>
    /// <param name="name">Its name.</param>
    public void StartAgain(string name) => slots.Single(slot => slot.Role.Name == name).Again.TrySetResult();

    /// <inheritdoc/>
    public async Task StopAsync()
    {
        if (stopping.IsCancellationRequested)
        {
            return;
        }

        await stopping.CancelAsync();
        foreach (var kind in Enum.GetValues<RoleKind>())
        {
            await Task.WhenAll(slots.Where(slot => slot.Role.Kind == kind).Select(StopAsync));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var slot in slots)
        {
            slot.Child?.Dispose();
        }

        if (host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }

        await log.DisposeAsync();
        stopping.Dispose();
    }

    private async Task KeepRunningAsync(Slot slot)
    {
        while (!stopping.IsCancellationRequested)
        {
            slot.Again = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var child = Child.Start(slot.Role, folder, text => screen.Say($"! {slot.Role.Name}: {text}"));
            var former = slot.Child;
            slot.Child = child;
            if (former is not null)
            {
                former.Dispose();
                screen.Say($"{slot.Role.Name} is started again: process {child.Pid}");
            }

            await Task.WhenAny(child.WaitAsync(), slot.Stop.Task);
            if (stopping.IsCancellationRequested)
            {
                await slot.Stop.Task;
                await EndAsync(child);
                return;
            }

            if (IsComingUp && child.HasFailed)
            {
                failed.TrySetResult($"{slot.Role.Name} could not start; {folder.LogFile(slot.Role.Name)} says more.");
            }

            var again = restartAfter is { } pause ? $"; it is started again in {pause.TotalSeconds:0} s" : "";
            screen.Say($"{slot.Role.Name} (process {child.Pid}) has ended, {child.End}{again}");
            await PauseAsync(slot);
        }
    }

    private async Task PauseAsync(Slot slot)
    {
        using var waited = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        await Task.WhenAny(slot.Again.Task, Task.Delay(restartAfter ?? Timeout.InfiniteTimeSpan, time, waited.Token));
        await waited.CancelAsync();
    }

    private static Task StopAsync(Slot slot)
    {
        slot.Stop.TrySetResult();
        return slot.Loop;
    }

    private async Task EndAsync(Child child)
    {
        if (!child.HasExited && !await child.StopAsync(StopLimit, time))
        {
            screen.Say($"! {child.Role.Name} (process {child.Pid}) did not stop within {StopLimit.TotalSeconds:0} s and was killed");
        }
    }

    private sealed class Slot(RoleSpec role)
    {
        public RoleSpec Role { get; } = role;

        public Child? Child { get; set; }

        public Task Loop { get; set; } = Task.CompletedTask;

        /// <summary>Starts it again before its pause is over.</summary>
        public TaskCompletionSource Again { get; set; } = new();

        /// <summary>Its turn to end has come; the loop alone ends its child, so that none is started unseen.</summary>
        public TaskCompletionSource Stop { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
