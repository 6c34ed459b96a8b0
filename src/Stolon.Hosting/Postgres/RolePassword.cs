using Npgsql;

namespace Stolon.Hosting.Postgres;

/// <summary>
/// The password of one role, which may change. Until the new one has come everywhere, the role still has an earlier one here or at another
/// member: so the last few are known, and whoever logs in tries them.
/// </summary>
internal sealed class RolePassword
{
    /// <summary>How many are known at most: rotations that come faster than they are carried out.</summary>
    private const int Most = 3;

    private readonly Lock gate = new();
    private volatile string[] known;
    private volatile bool wasRefused;

    /// <summary>Makes it.</summary>
    /// <param name="newestFirst">The known ones; none = there is no password, or it is not known yet.</param>
    public RolePassword(params IEnumerable<string> newestFirst) => known = Bounded(newestFirst);

    /// <summary>What the role shall have; null when there is none.</summary>
    public string? Current => known is [var first, ..] ? first : null;

    /// <summary>The current one and those before it, newest first.</summary>
    public IReadOnlyList<string> Known => known;

    /// <summary>A server took none of them since the last change: somebody else may have changed it.</summary>
    public bool WasRefused => wasRefused;

    /// <summary>The one that never changes.</summary>
    /// <param name="password">The password; null = none.</param>
    public static implicit operator RolePassword(string? password) => new(password is null ? [] : [password]);

    /// <summary>Takes the next one.</summary>
    /// <param name="next">What the role shall have from now on.</param>
    /// <returns>Whether it is another one than before.</returns>
    public bool Change(string next)
    {
        lock (gate)
        {
            var isNew = next != Current;
            known = Bounded([next, .. known]);
            wasRefused &= !isNew;
            return isNew;
        }
    }

    /// <summary>Adds what was known in an earlier life.</summary>
    /// <param name="earlier">Newest first; all older than those known now.</param>
    public void Remember(IEnumerable<string> earlier)
    {
        lock (gate)
        {
            known = Bounded([.. known, .. earlier]);
        }
    }

    /// <summary>Logs in with the first of them that is accepted.</summary>
    /// <param name="attempt">Logs in with one; null = without.</param>
    /// <returns>What the attempt returned.</returns>
    /// <exception cref="PostgresException">None is accepted.</exception>
    public async Task<T> LogInAsync<T>(Func<string?, Task<T>> attempt)
    {
        var all = known;
        for (var next = 0; next < all.Length - 1; next++)
        {
            try
            {
                return await attempt(all[next]).ConfigureAwait(false);
            }
            catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.InvalidPassword)
            {
                // The role may still have the one before.
            }
        }

        try
        {
            return await attempt(all.Length > 0 ? all[^1] : null).ConfigureAwait(false);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.InvalidPassword)
        {
            wasRefused = true;
            throw;
        }
    }

    private static string[] Bounded(IEnumerable<string> newestFirst) => [.. newestFirst.Distinct(StringComparer.Ordinal).Take(Most)];
}
