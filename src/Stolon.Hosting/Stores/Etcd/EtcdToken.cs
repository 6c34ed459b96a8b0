using Etcdserverpb;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Stolon.Hosting.Stores;

/// <summary>The token that etcd gave for a user and a password. The password is read when one is asked for, so a changed file counts.</summary>
/// <param name="user">The user.</param>
/// <param name="readPassword">Reads the password.</param>
/// <param name="limit">How long the asking may take.</param>
/// <param name="time">The clock of the limit.</param>
/// <param name="logger">Where it is said that etcd wants none.</param>
internal sealed class EtcdToken(string user, Func<string> readPassword, TimeSpan limit, TimeProvider time, ILogger logger)
{
    private const string Header = "authorization";

    /// <summary>etcd gave none: authentication is off there, or not on yet.</summary>
    private const string NoToken = "";

    /// <summary>A password is expensive to check: whoever wants a token of the same member at the same time gets the same.</summary>
    private readonly Dictionary<EtcdEndpoint, Task<string>> asked = [];

    private readonly Lock gate = new();

    private string? token;
    private int toldOpen;

    /// <summary>The user.</summary>
    public string User => user;

    /// <summary>The headers of a call.</summary>
    /// <param name="endpoint">Who is asked for a token if there is none.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The headers.</returns>
    public async Task<Metadata> HeadersAsync(EtcdEndpoint endpoint, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref token) is not { } known)
        {
            known = await Asked(endpoint).WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return known.Length == 0 ? [] : new Metadata { { Header, known } };
    }

    /// <summary>The next call asks for another.</summary>
    public void Forget() => Volatile.Write(ref token, null);

    private Task<string> Asked(EtcdEndpoint endpoint)
    {
        lock (gate)
        {
            if (!asked.TryGetValue(endpoint, out var asking))
            {
                asking = Task.Run(() => AskAsync(endpoint));
                asked[endpoint] = asking;
            }

            return asking;
        }
    }

    private async Task<string> AskAsync(EtcdEndpoint endpoint)
    {
        try
        {
            using var end = new CancellationTokenSource(limit, time);
            using var call = endpoint.Auth.AuthenticateAsync(
                new AuthenticateRequest { Name = user, Password = readPassword() }, new CallOptions(cancellationToken: end.Token));
            var given = (await call.ResponseAsync.ConfigureAwait(false)).Token;
            toldOpen = 0;
            Volatile.Write(ref token, given);
            return given;
        }
        catch (RpcException exception) when (EtcdFailure.IsWithoutAuthentication(exception))
        {
            // Whoever switches authentication on gives the programs their user first.
            if (Interlocked.Exchange(ref toldOpen, 1) == 0)
            {
                logger.EtcdWithoutAuthentication(user);
            }

            Volatile.Write(ref token, NoToken);
            return NoToken;
        }
        finally
        {
            lock (gate)
            {
                asked.Remove(endpoint);
            }
        }
    }
}
