namespace Stolon.AspNetCore.Tests;

/// <summary>Names of clusters: stores in memory are shared by them, so each test has its own.</summary>
internal static class Names
{
    public static string New() => $"cluster-{Guid.NewGuid():N}";
}
