using Grpc.Core;
using Microsoft.Extensions.Logging;
using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>One attempt at a call: the member that is asked, and how.</summary>
/// <param name="Endpoint">The member.</param>
/// <param name="Options">Headers and the attempt's end.</param>
internal readonly record struct EtcdAttempt(EtcdEndpoint Endpoint, CallOptions Options);

/// <summary>
/// Calls to etcd. It stays with one member until that one fails, then asks the next; every attempt and every call has an end.
/// </summary>
internal sealed class EtcdClient : IAsyncDisposable
{
    /// <summary>So many attempts are short: while etcd elects a leader, what was asked before is answered no sooner than what is asked after.</summary>
    private const int ShortAttempts = 3;

    /// <summary>How often the time of an attempt may double after them, for an etcd that is slow.</summary>
    private const int MostDoublings = 8;

    /// <summary>The first attempt gets this part of the time, or <see cref="LongestFirst"/> if that is shorter.</summary>
    private const int FirstShare = 8;
    private static readonly TimeSpan LongestFirst = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    private readonly EtcdSecurity security;
    private readonly EtcdEndpoint[] endpoints;
    private readonly TimeSpan total;
    private readonly TimeProvider time;
    private readonly EtcdToken? token;
    private readonly EtcdIdentity identity;
    private readonly Availability availability;
    private readonly CancellationTokenSource closed = new();
    private int current;

    /// <summary>Makes it; nothing is connected yet.</summary>
    /// <param name="settings">Where, as whom, and for how long.</param>
    /// <param name="time">The clock of deadlines.</param>
    /// <param name="isBack">Told when etcd answers again after it did not.</param>
    /// <param name="logger">Where changes are said.</param>
    public EtcdClient(EtcdSettings settings, TimeProvider time, Action isBack, ILogger logger)
    {
        this.time = time;
        total = settings.Timeout;
        security = new EtcdSecurity(settings.Options);
        endpoints = [.. settings.Endpoints.Select(address => new EtcdEndpoint(address, security, ConnectLimit))];
        token = settings.Options.Username is { } user ? new EtcdToken(user, settings.ReadPassword, total, time, logger) : null;
        identity = new EtcdIdentity(time, logger);
        Name = $"etcd at {string.Join(", ", settings.Endpoints.Select(address => address.Authority))}";
        availability = new Availability(Name, () => { }, isBack, logger);
    }

    /// <summary>What it is called in messages.</summary>
    public string Name { get; }

    /// <summary>Cancelled when this object is disposed.</summary>
    public CancellationToken Closed => closed.Token;

    /// <summary>How many members there are.</summary>
    public int Count => endpoints.Length;

    /// <summary>One member, for a stream.</summary>
    /// <param name="number">Any number; it is taken modulo the members.</param>
    /// <returns>The member.</returns>
    public EtcdEndpoint Endpoint(int number) => endpoints[number % endpoints.Length];

    /// <summary>A call that may be carried out twice without harm: it is tried again, with other members, until the time is over.</summary>
    /// <typeparam name="T">What it gives.</typeparam>
    /// <param name="activity">Reading or writing, for the log.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What it gave.</returns>
    /// <exception cref="StoreUnavailableException">No member answered in time, or etcd refuses.</exception>
    /// <exception cref="EtcdNotFoundException">etcd says that the lease is not there.</exception>
    public Task<T> RepeatAsync<T>(string activity, Func<EtcdAttempt, AsyncUnaryCall<T>> call, CancellationToken cancellationToken) =>
        RepeatAsync(activity, attempt => AnswerAsync(call(attempt)), cancellationToken);

    /// <inheritdoc cref="RepeatAsync{T}(string, Func{EtcdAttempt, AsyncUnaryCall{T}}, CancellationToken)"/>
    public Task<T> RepeatAsync<T>(string activity, Func<EtcdAttempt, Task<T>> call, CancellationToken cancellationToken) =>
        CallAsync(activity, call, cancellationToken);

    /// <summary>The headers of a stream.</summary>
    /// <param name="endpoint">The member.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The headers.</returns>
    public async Task<Metadata> HeadersAsync(EtcdEndpoint endpoint, CancellationToken cancellationToken) =>
        token is null ? [] : await token.HeadersAsync(endpoint, cancellationToken).ConfigureAwait(false);

    /// <summary>The token may be known no more: the next call asks for another.</summary>
    public void ForgetToken() => token?.Forget();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await closed.CancelAsync().ConfigureAwait(false);
        foreach (var endpoint in endpoints)
        {
            endpoint.Dispose();
        }

        security.Dispose();
    }

    private static async Task<T> AnswerAsync<T>(AsyncUnaryCall<T> call)
    {
        using (call)
        {
            return await call.ResponseAsync.ConfigureAwait(false);
        }
    }

    private async Task<T> CallAsync<T>(string activity, Func<EtcdAttempt, Task<T>> call, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var pause = ShortestPause;
        var tokenRenewed = false;
        RpcException? told = null;
        for (var tried = 0; ; tried++)
        {
            ObjectDisposedException.ThrowIf(closed.IsCancellationRequested, this);
            cancellationToken.ThrowIfCancellationRequested();
            var first = Volatile.Read(ref current);
            RpcException failure;
            try
            {
                var limit = Limit(tried, time.GetElapsedTime(start));
                var result = await AskAsync(tried > 0, first, call, limit, cancellationToken).ConfigureAwait(false);
                availability.Works(activity);
                return result;
            }
            catch (RpcException exception)
            {
                failure = exception;
            }

            var kind = EtcdFailure.KindOf(failure);
            if (kind == EtcdFailureKind.Unreachable)
            {
                // Before anything else: a caller whose own time is short would never leave a frozen member.
                Interlocked.CompareExchange(ref current, (first + 1) % endpoints.Length, first);
            }

            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(closed.IsCancellationRequested, this);
            switch (kind)
            {
                case EtcdFailureKind.NotFound:
                    throw new EtcdNotFoundException(failure.Status.Detail, failure);
                case EtcdFailureKind.TokenExpired when token is not null && !tokenRenewed:
                    tokenRenewed = true;
                    token.Forget();
                    continue;
                case EtcdFailureKind.Unreachable:
                    break;
                default:
                    throw Unavailable(activity, failure);
            }

            told = told is null || failure is EtcdForeignException || (told is not EtcdForeignException && !EtcdFailure.IsSilence(failure)) ? failure : told;
            if (time.GetElapsedTime(start) + pause >= total)
            {
                throw Unavailable(activity, told);
            }

            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private TimeSpan Limit(int tried, TimeSpan elapsed)
    {
        var shortest = total / FirstShare < LongestFirst ? total / FirstShare : LongestFirst;
        var limit = shortest * (1 << Math.Clamp(tried - ShortAttempts + 1, 0, MostDoublings));
        var left = total - elapsed;
        return limit < left ? limit : left > ShortestPause ? left : ShortestPause;
    }

    /// <summary>Asks one member; or all at once, when one has failed already: which of them is well is not known, and time matters.</summary>
    private async Task<T> AskAsync<T>(
        bool askAll, int first, Func<EtcdAttempt, Task<T>> call, TimeSpan atMost, CancellationToken cancellationToken)
    {
        if (!askAll || endpoints.Length == 1)
        {
            return await AttemptAsync(Endpoint(first), call, atMost, cancellationToken).ConfigureAwait(false);
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var asked = endpoints.Select(endpoint => AttemptAsync(endpoint, call, atMost, over.Token)).ToArray();
        var waiting = asked.ToList();
        RpcException? failure = null;
        while (waiting.Count > 0)
        {
            var done = await Task.WhenAny(waiting).ConfigureAwait(false);
            waiting.Remove(done);
            try
            {
                var result = await done.ConfigureAwait(false);
                Volatile.Write(ref current, Array.IndexOf(asked, done));
                await EndAsync(waiting, over).ConfigureAwait(false);
                return result;
            }
            catch (RpcException exception)
            {
                if (EtcdFailure.KindOf(exception) == EtcdFailureKind.TokenExpired && token is not null)
                {
                    // Nobody need wait for a frozen member to hear the same.
                    await EndAsync(waiting, over).ConfigureAwait(false);
                    throw;
                }

                // An answer says more than a silence.
                failure = failure is null || exception is EtcdForeignException || EtcdFailure.KindOf(exception) != EtcdFailureKind.Unreachable
                    ? exception : failure;
            }
        }

        throw failure!;
    }

    private static async Task EndAsync<T>(IEnumerable<Task<T>> waiting, CancellationTokenSource over)
    {
        await over.CancelAsync().ConfigureAwait(false);
        foreach (var late in waiting)
        {
            await ((Task)late).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<T> AttemptAsync<T>(
        EtcdEndpoint endpoint, Func<EtcdAttempt, Task<T>> call, TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken, closed.Token);
        try
        {
            var headers = await HeadersAsync(endpoint, either.Token).ConfigureAwait(false);
            var answer = await call(new EtcdAttempt(endpoint, new CallOptions(headers, cancellationToken: either.Token))).ConfigureAwait(false);
            identity.Check(answer, endpoint.Address.Authority);
            return answer;
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or IOException or UnauthorizedAccessException)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, exception.Message, exception));
        }
    }

    private StoreUnavailableException Unavailable(string activity, RpcException failure)
    {
        var reason = EtcdFailure.Explain(failure, token?.User, endpoints.Any(endpoint => endpoint.Address.Scheme == Uri.UriSchemeHttps));
        availability.Fails(activity, $"{Name}: {reason}");
        return new StoreUnavailableException($"{Name}: {activity} failed: {reason}", failure);
    }
}
