namespace Stolon.Core.Tests.Planning;

public sealed class ScriptTests
{
    public static TheoryData<string> Scripts => [.. Directory.EnumerateFiles(Script.Folder(), "*.txt").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task The_story_goes_as_it_is_written(string name)
    {
        var path = Path.Combine(Script.Folder(), name);
        var written = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);

        var played = Script.Play(written);

        if (Environment.GetEnvironmentVariable("STOLON_ACCEPT") == "1")
        {
            await File.WriteAllTextAsync(path, played, TestContext.Current.CancellationToken);
        }
        else
        {
            played.Should().Be(written);
        }
    }
}
