using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>
/// Listens to every change under the cluster and hands out hints. A hint only says "look": after every new stream everybody looks
/// once, so nothing that happened in between needs to be told, and compaction does not matter. Once a second it asks the member for
/// a sign of life, because a frozen one keeps its connections.
/// </summary>
/// <param name="client">The members.</param>
/// <param name="keys">Where everything stands.</param>
/// <param name="hub">Who listens.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where it is said, once, that it does not work.</param>
internal sealed class EtcdWatch(EtcdClient client, EtcdKeys keys, ChangeHub hub, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan TokenPatience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? running;
    private string told = "";
    private long? tokenForgotten;

    /// <summary>Begins to listen, if nobody has begun.</summary>
    /// <returns>When the first member was tried, with or without success: whoever subscribes then hears of everything from there on.</returns>
    public Task BeginAsync()
    {
        lock (gate)
        {
            running ??= RunAsync();
        }

        return begun.Task;
    }

    /// <summary>Ends when the client is disposed.</summary>
    /// <returns>When nothing runs any more.</returns>
    public Task EndAsync()
    {
        lock (gate)
        {
            return running ?? Task.CompletedTask;
        }
    }

    private async Task RunAsync()
    {
        var pause = ShortestPause;
        for (var number = 0; !client.Closed.IsCancellationRequested; number++)
        {
            if (await ListenAsync(client.Endpoint(number)).ConfigureAwait(false))
            {
                pause = ShortestPause;
            }

            await Task.Delay(pause, time, client.Closed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Listens to one member until it fails.</summary>
    /// <returns>True if it worked for a while.</returns>
    private async Task<bool> ListenAsync(EtcdEndpoint endpoint)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(client.Closed);
        using var silence = new CancellationTokenSource(LongestSilence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, silence.Token);
        var hasWorked = false;
        var asking = Task.CompletedTask;
        try
        {
            var headers = await client.HeadersAsync(endpoint, either.Token).ConfigureAwait(false);
            headers.Add("hasleader", "true");
            using var stream = endpoint.Watches.Watch(new CallOptions(headers, cancellationToken: either.Token));
            await stream.RequestStream.WriteAsync(Create(), either.Token).ConfigureAwait(false);
            while (await stream.ResponseStream.MoveNext(either.Token).ConfigureAwait(false))
            {
                silence.CancelAfter(LongestSilence);
                var response = stream.ResponseStream.Current;
                if (response.Canceled)
                {
                    Refused();
                    break;
                }

                if (response.Created)
                {
                    hasWorked = true;
                    told = "";
                    asking = AskAsync(stream.RequestStream, either.Token);
                    hub.Raise(ChangeHub.All);
                    begun.TrySetResult();
                }

                Tell(response);
            }
        }
        catch (RpcException exception)
        {
            if (EtcdFailure.KindOf(exception) == EtcdFailureKind.TokenExpired)
            {
                client.ForgetToken();
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // Another member, or the end.
        }
#pragma warning disable CA1031 // Whatever it is, say a password file that cannot be opened now: a watch that ends for good is noticed by nobody.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Say(exception.Message);
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            begun.TrySetResult();
        }

        return hasWorked;
    }

    /// <summary>
    /// Mostly a restarted member does not know the token. It says the same to a user who may not watch, and another token, which is
    /// expensive, does not help that one.
    /// </summary>
    private void Refused()
    {
        if (tokenForgotten is { } instant && time.GetElapsedTime(instant) < TokenPatience)
        {
            Say("the user may not read the cluster's keys.");
            return;
        }

        tokenForgotten = time.GetTimestamp();
        client.ForgetToken();
    }

    private void Say(string why)
    {
        if (told != why)
        {
            told = why;
            logger.NoEtcdWatch(why);
        }
    }

    private async Task AskAsync(IClientStreamWriter<WatchRequest> requests, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(AskInterval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await requests.WriteAsync(new WatchRequest { ProgressRequest = new WatchProgressRequest() }, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Tell(WatchResponse response)
    {
        var change = response.Events.Aggregate(
            StoreChange.None, (all, one) => all | keys.ChangeOf(one.Kv.Key.ToStringUtf8()));
        if (change != StoreChange.None)
        {
            hub.Raise(change);
        }
    }

    private WatchRequest Create() => new()
    {
        CreateRequest = new WatchCreateRequest
        {
            Key = ByteString.CopyFromUtf8(keys.Root),
            RangeEnd = EtcdKeys.EndOf(keys.Root),
        },
    };
}
