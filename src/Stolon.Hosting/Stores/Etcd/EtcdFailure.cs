using System.Net.Sockets;
using System.Security.Authentication;
using Grpc.Core;

namespace Stolon.Hosting.Stores;

/// <summary>What a failed call means.</summary>
internal enum EtcdFailureKind
{
    /// <summary>This member did not answer: another one may. Whether the call was carried out is unknown.</summary>
    Unreachable,

    /// <summary>The token is not known any more: it was not carried out.</summary>
    TokenExpired,

    /// <summary>The lease or key is not there: it was not carried out.</summary>
    NotFound,

    /// <summary>etcd refuses; asking another member does not help.</summary>
    Refused,
}

/// <summary>Reads gRPC's errors. What they look like was tried against etcd 3.4.</summary>
internal static class EtcdFailure
{
    /// <summary>What kind of failure it is.</summary>
    /// <param name="exception">What gRPC threw.</param>
    /// <returns>The kind.</returns>
    public static EtcdFailureKind KindOf(RpcException exception) => exception.StatusCode switch
    {
        StatusCode.Unauthenticated => EtcdFailureKind.TokenExpired,
        // The second: authentication was switched on since.
        StatusCode.InvalidArgument when Says(exception, "auth store is old") || Says(exception, "user name is empty") => EtcdFailureKind.TokenExpired,
        StatusCode.NotFound => EtcdFailureKind.NotFound,
        // A member that lags behind says that there are too many requests; the next one may be well.
        StatusCode.ResourceExhausted => Says(exception, "database space exceeded") ? EtcdFailureKind.Refused : EtcdFailureKind.Unreachable,
        StatusCode.InvalidArgument or StatusCode.PermissionDenied or StatusCode.FailedPrecondition or StatusCode.OutOfRange => EtcdFailureKind.Refused,
        _ => EtcdFailureKind.Unreachable,
    };

    /// <summary>What happened, and what helps, in a sentence.</summary>
    /// <param name="exception">What gRPC threw.</param>
    /// <param name="username">The user of this program, if any.</param>
    /// <param name="usesTls">The members are spoken to by TLS.</param>
    /// <returns>The sentence.</returns>
    public static string Explain(RpcException exception, string? username, bool usesTls)
    {
        var detail = exception.Status.Detail;
        var cause = Innermost(exception.Status.DebugException ?? exception.InnerException);
        return exception.StatusCode switch
        {
            _ when IsSilence(exception) => "no answer in time.",
            _ when cause is UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException =>
                $"the password of the user {username} cannot be read ({cause.Message}).",
            _ when cause is AuthenticationException => Tls(cause.Message),
            // A member that does not accept this program's certificate closes the connection, which is seen in many ways.
            _ when usesTls && cause is not null && !IsUnreachable(cause) => Tls(cause.Message),
            StatusCode.InvalidArgument when Says(exception, "authentication failed") =>
                $"it refuses the user {username} or its password.",
            StatusCode.InvalidArgument when Says(exception, "user name is empty") =>
                "it wants a user: give a user name and a password.",
            StatusCode.Unauthenticated => "it does not accept the user's token.",
            StatusCode.PermissionDenied =>
                $"{(username is null ? "this program" : $"the user {username}")} may not read or write the cluster's keys: grant it a role for the prefix.",
            StatusCode.ResourceExhausted => $"it is full or the document is too large ({detail}).",
            StatusCode.Unavailable when cause is not null => $"it cannot be reached ({cause.Message}).",
            _ => detail.Length > 0 ? detail : exception.StatusCode.ToString(),
        };
    }

    /// <summary>etcd runs without users and passwords.</summary>
    /// <param name="exception">What gRPC threw.</param>
    /// <returns>True if it said so.</returns>
    public static bool IsWithoutAuthentication(RpcException exception) =>
        exception.StatusCode == StatusCode.FailedPrecondition && Says(exception, "authentication is not enabled");

    /// <summary>Nothing was heard within an attempt's time: it says less than any other failure.</summary>
    /// <param name="exception">What gRPC threw.</param>
    /// <returns>True if it was only that.</returns>
    public static bool IsSilence(RpcException exception) =>
        exception.StatusCode is StatusCode.Cancelled or StatusCode.DeadlineExceeded
        || Innermost(exception.Status.DebugException ?? exception.InnerException) is OperationCanceledException;

    private static string Tls(string message) =>
        $"the TLS connection is refused ({message}). Check the CA file, the name in the member's certificate, and this program's certificate.";

    /// <summary>Nobody was there to speak TLS with.</summary>
    private static bool IsUnreachable(Exception cause) =>
        cause is SocketException { SocketErrorCode: not (SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown) };

    private static bool Says(RpcException exception, string text) =>
        exception.Status.Detail.Contains(text, StringComparison.OrdinalIgnoreCase);

    private static Exception? Innermost(Exception? exception)
    {
        while (exception is not AuthenticationException && exception?.InnerException is { } inner)
        {
            exception = inner;
        }

        return exception;
    }
}
