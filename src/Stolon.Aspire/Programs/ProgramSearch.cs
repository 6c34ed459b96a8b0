namespace Stolon.Aspire.Programs;

/// <summary>Finds programs as a shell would.</summary>
/// <param name="path">The variable PATH.</param>
/// <param name="isProgram">Whether a file is there that can be run.</param>
internal sealed class ProgramSearch(string? path, Func<string, bool> isProgram)
{
    /// <summary>Of this process.</summary>
    public static ProgramSearch OfThisProcess { get; } = new(Environment.GetEnvironmentVariable("PATH"), IsProgram);

    /// <summary>Finds a program.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="alsoIn">Folders to look into after those of PATH.</param>
    /// <returns>Its full path; null = it is not there.</returns>
    public string? Find(string name, params IEnumerable<string> alsoIn) =>
        (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Concat(alsoIn)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(isProgram);

    private static bool IsProgram(string file) =>
        File.Exists(file)
        && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != UnixFileMode.None);
}
