using System.Runtime.InteropServices;

namespace Stolon.Aspire.Programs;

/// <summary>As whom the AppHost runs.</summary>
internal static partial class ThisUser
{
    /// <summary>Its numbers as container runtimes take them, <c>1000:1000</c>; null where users have none.</summary>
    public static string? Numbers => OperatingSystem.IsWindows() ? null : $"{GetEffectiveUser()}:{GetEffectiveGroup()}";

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint GetEffectiveGroup();
}
