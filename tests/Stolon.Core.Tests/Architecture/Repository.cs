using System.Text.RegularExpressions;

namespace Stolon.Core.Tests.Architecture;

/// <summary>The source tree that the tests were built from.</summary>
internal static partial class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>The C# files under a folder, build output left out, as paths from the root.</summary>
    public static IEnumerable<string> CSharp(string folder) =>
        Directory.Exists(Path.Combine(Root, folder))
            ? Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
                .Where(path => !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
            : [];

    public static string[] Lines(string path) => File.ReadAllLines(Path.Combine(Root, path));

    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>The project files under <c>src</c>, by name.</summary>
    public static Dictionary<string, string> Projects() =>
        Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .ToDictionary(path => Path.GetFileNameWithoutExtension(path), File.ReadAllText, StringComparer.Ordinal);

    /// <summary>What a project file includes: package names, or the names of referenced projects.</summary>
    public static IEnumerable<string> Includes(string project, string item) =>
        Include().Matches(project).Where(match => match.Groups["item"].Value == item)
            .Select(match => match.Groups["what"].Value)
            .Select(what => item == "ProjectReference" ? Path.GetFileNameWithoutExtension(what.Replace('\\', '/')) : what);

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "Stolon.sln")) ? folder
        : Path.GetDirectoryName(folder) is { } parent ? Find(parent)
        : throw new InvalidOperationException("the tests do not run inside the source tree: Stolon.sln was not found");

    [GeneratedRegex("<(?<item>ProjectReference|PackageReference|FrameworkReference)\\s+Include=\"(?<what>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Include();
}
