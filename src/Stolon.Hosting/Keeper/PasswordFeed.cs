using Microsoft.Extensions.Logging;
using Stolon.Hosting.DependencyInjection;
using Stolon.Hosting.Postgres;
using Stolon.Hosting.Time;

namespace Stolon.Hosting.Keeper;

/// <summary>Keeps one password up to date. A source that fails or hangs changes nothing: the last good password stays.</summary>
/// <param name="credentials">The role.</param>
/// <param name="source">Where its password comes from.</param>
/// <param name="keeper">How the log calls the keeper.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class PasswordFeed(
    PostgresCredentials credentials, PasswordSource source, string keeper, TimeProvider time, ILogger logger)
{
    /// <summary>How long a source may take.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>How soon one that failed, or whose password no server takes, is asked again, unless it is asked more often anyway.</summary>
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(10);

    private readonly HangingCalls calls = new(time);
    private readonly OnceLog said = new();
    private long? asked;
    private string? seen;

    /// <summary>There is no password yet.</summary>
    public bool HasNone => credentials.Password is null;

    /// <summary>Why the password is not up to date; empty when it is.</summary>
    public string Trouble { get; private set; } = "";

    /// <summary>Asks, if it is time to.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether there is another password than before.</returns>
    public async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        if (asked is { } last && time.GetElapsedTime(last) < Pause)
        {
            return false;
        }

        asked = time.GetTimestamp();
        try
        {
            var password = PasswordSource.Clean(await AskAsync(cancellationToken).ConfigureAwait(false), out var mistake);
            return mistake is null ? Take(password) : Fail(mistake);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            return Fail($"it did not answer within {Limit.TotalSeconds:0} s");
        }
#pragma warning disable CA1031 // Whatever the host's callback throws, the keeper goes on with the password that it has.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return Fail(exception.Message.ReplaceLineEndings(" "));
        }
    }

    private TimeSpan Pause
    {
        get
        {
            var interval = source.Interval ?? TimeSpan.Zero;
            return (Trouble.Length > 0 || credentials.Passwords.WasRefused) && interval > RetryPause ? RetryPause : interval;
        }
    }

    private async Task<string> AskAsync(CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(Limit, time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        var token = limited.Token;
        return await calls.RunAsync(async () => await source.AskAsync(token).ConfigureAwait(false), Limit, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException("it returned null");
    }

    private bool Take(string password)
    {
        if (Trouble.Length > 0)
        {
            LogReadAgain(logger, keeper, credentials.UserName, source.Name);
        }

        said.IsNew("");
        Trouble = "";

        // Who writes a file may be caught in the middle: it counts when two looks have found the same.
        var isWhole = source.File is null || credentials.Passwords.Current is null || seen == password;
        seen = password;
        if (!isWhole || !credentials.Passwords.Change(password))
        {
            return false;
        }

        LogChanged(logger, keeper, credentials.UserName, source.Name);
        if (source.File is { } file && PasswordFile.IsOpenToOthers(file))
        {
            LogOpenToOthers(logger, keeper, file);
        }

        return true;
    }

    private bool Fail(string why)
    {
        Trouble = $"the password of {credentials.UserName} cannot be had from {source.Name}: {why}; the last good one stays in force";
        if (said.IsNew(Trouble))
        {
            LogFailed(logger, keeper, credentials.UserName, source.Name, why);
        }

        return false;
    }

    [LoggerMessage(2070, LogLevel.Information, "{Keeper}: there is a new password of {User} ({Source}).")]
    private static partial void LogChanged(ILogger logger, string keeper, string user, string source);

    [LoggerMessage(2071, LogLevel.Warning, "{Keeper}: the password of {User} cannot be had from {Source}: {Failure}. The last good one stays in force.")]
    private static partial void LogFailed(ILogger logger, string keeper, string user, string source, string failure);

    [LoggerMessage(2072, LogLevel.Information, "{Keeper}: the password of {User} can be had from {Source} again.")]
    private static partial void LogReadAgain(ILogger logger, string keeper, string user, string source);

    [LoggerMessage(2073, LogLevel.Warning, "{Keeper}: others than its owner may read {File}; chmod 600 it.")]
    private static partial void LogOpenToOthers(ILogger logger, string keeper, string file);
}
