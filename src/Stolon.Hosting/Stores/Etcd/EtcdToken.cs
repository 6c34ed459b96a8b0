using Etcdserverpb;
using Grpc.Core;

namespace Stolon.Hosting.Stores;

/// <summary>The token that etcd gave for a user and a password. The password is read when one is asked for, so a changed file counts.</summary>
/// <param name="user">The user.</param>
/// <param name="readPassword">Reads the password.</param>
internal sealed class EtcdToken(string user, Func<string> readPassword)
{
    private const string Header = "authorization";

    private string? token;

    /// <summary>The user.</summary>
    public string User => user;

    /// <summary>The headers of a call.</summary>
    /// <param name="endpoint">Who is asked for a token if there is none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The headers.</returns>
    public async Task<Metadata> HeadersAsync(EtcdEndpoint endpoint, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref token) is not { } known)
        {
            using var call = endpoint.Auth.AuthenticateAsync(
                new AuthenticateRequest { Name = user, Password = readPassword() }, new CallOptions(cancellationToken: cancellationToken));
            known = (await call.ResponseAsync.ConfigureAwait(false)).Token;
            Volatile.Write(ref token, known);
        }

        return new Metadata { { Header, known } };
    }

    /// <summary>The next call asks for another.</summary>
    public void Forget() => Volatile.Write(ref token, null);
}
