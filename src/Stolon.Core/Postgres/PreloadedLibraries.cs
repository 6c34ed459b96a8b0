using System.Collections.Immutable;
using Stolon.Cluster;

namespace Stolon.Postgres;

/// <summary>The libraries that PostgreSQL loads before anything else: with one that is missing it does not start, or lets nobody in.</summary>
public static class PreloadedLibraries
{
    private const string Default = "$libdir";

    private static readonly ImmutableArray<string> Names = ["shared_preload_libraries", "session_preload_libraries", "local_preload_libraries"];

    /// <summary>Finds those that are missing.</summary>
    /// <param name="asked">The operator's parameters.</param>
    /// <param name="searchPath">PostgreSQL's <c>dynamic_library_path</c>.</param>
    /// <param name="libraryFolder">What <c>$libdir</c> stands for; empty = unknown, then nothing is found.</param>
    /// <param name="exists">Whether there is a file.</param>
    /// <returns>The parameter and the library.</returns>
    public static ImmutableArray<(string Parameter, string Library)> FindMissing(
        ValueMap<string, string> asked, string searchPath, string libraryFolder, Func<string, bool> exists)
    {
        IEnumerable<string> Folders(string parameter) => parameter.StartsWith("local_", StringComparison.OrdinalIgnoreCase)
            ? [$"{Default}/plugins"]
            : searchPath.Split(':', StringSplitOptions.RemoveEmptyEntries);

        IEnumerable<string> Files(string parameter, string library) =>
            (library.Contains('/', StringComparison.Ordinal) ? [library] : Folders(parameter).Select(folder => $"{folder}/{library}"))
            .Select(path => path.StartsWith(Default, StringComparison.Ordinal) ? libraryFolder + path[Default.Length..] : path)
            .SelectMany(path => new[] { path, path + ".so" });

        return libraryFolder.Length == 0
            ? []
            :
            [
                .. asked.Where(entry => Names.Contains(entry.Key, StringComparer.OrdinalIgnoreCase))
                    .SelectMany(entry => Listed(entry.Value).Select(library => (Parameter: entry.Key, Library: library)))
                    .Where(one => !Files(one.Parameter, one.Library).Any(exists)),
            ];
    }

    private static IEnumerable<string> Listed(string value) =>
        value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(name => name.Trim('"')).Where(name => name.Length > 0);
}
