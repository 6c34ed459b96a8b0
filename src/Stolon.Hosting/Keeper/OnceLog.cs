namespace Stolon.Hosting.Keeper;

/// <summary>A change is logged once: remembers the last sentence.</summary>
internal sealed class OnceLog
{
    private string last = "";

    /// <summary>Whether the sentence differs from the last one; it is the last one from now on.</summary>
    /// <param name="sentence">The sentence.</param>
    /// <returns>Whether to say it.</returns>
    public bool IsNew(string sentence) => Interlocked.Exchange(ref last, sentence) != sentence;
}
