using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Stolon.Storage;

namespace Stolon.Cli.Tests;

/// <summary>A store that holds no cluster.</summary>
public sealed class MissingClusterTests
{
    [Theory]
    [InlineData("spec")]
    [InlineData("history")]
    [InlineData("history -f json")]
    [InlineData("explain")]
    [InlineData("update -p {}")]
    [InlineData("failkeeper keeper1")]
    [InlineData("removekeeper keeper1")]
    [InlineData("promote")]
    public async Task Everybody_says_the_same_line(string command)
    {
        using var folder = new TestFolder();
        await MakeEmptyAsync(folder);

        var answer = await folder.CtlAsync(command.Split(' '));

        answer.ShouldBeRefused($"stolon: there is no cluster orders in the store file {folder.Store}; make one with: stolon ctl init\n");
        answer.Out.Should().BeEmpty();
    }

    [Fact, Trait("Rule", "A5")]
    public async Task The_status_shows_what_there_is_and_fails()
    {
        using var folder = new TestFolder();
        await MakeEmptyAsync(folder);

        var text = await folder.CtlAsync("status");
        var json = await folder.CtlAsync("status", "-f", "json");

        text.ShouldBeRefused("there is no cluster orders in the store file");
        text.Out.Should().Contain("No active sentinels").And.Contain("No cluster available");
        json.ShouldBeRefused("there is no cluster orders in the store file");
        JsonNode.Parse(json.Out)!["troubles"]![0]!.GetValue<string>().Should().Be("There is no cluster yet.");
    }

    private static async Task MakeEmptyAsync(TestFolder folder)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddStolon("orders").UseEmbeddedStore(folder.Store);
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredKeyedService<IClusterStore>("orders").ReadAsync(TestContext.Current.CancellationToken);
    }
}
