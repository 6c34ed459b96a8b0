using System.Text.Json.Nodes;

namespace Stolon.Cli.Tests;

/// <summary><c>ctl</c> looks at the cluster before it asks, and says what it found.</summary>
public sealed class BeforeTheQuestionTests
{
    private static readonly string Sample = Path.Combine(AppContext.BaseDirectory, "Samples", "clusterdata.json");

    [Fact, Trait("Rule", "A1")]
    public async Task Init_of_a_first_cluster_speaks_of_no_removal()
    {
        using var folder = new TestFolder();

        var answer = await folder.CtlWithAsync("yes\n", "init");

        answer.ShouldSucceed().Out.Should().StartWith($"the store file {folder.Store} holds no cluster orders: a new one will be made.\n").And.NotContain("WARNING");
        (await folder.CtlAsync("history")).Out.Should().Contain("An operator created cluster").And.NotContain("replaces");
    }

    [Theory, Trait("Rule", "A1")]
    [InlineData("no\n", "")]
    [InlineData("", "-y")]
    public async Task Init_names_what_it_would_replace_whether_it_asks_or_not(string input, string flag)
    {
        using var folder = new TestFolder();
        await folder.CtlAsync("clusterdata", "write", "-f", Sample);
        var uid = JsonNode.Parse(await File.ReadAllTextAsync(Sample))!["cluster"]!["uid"]!.GetValue<string>();

        var answer = await folder.CtlWithAsync(input, ["init", .. flag.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        answer.ShouldSucceed().Out.Should().StartWith("WARNING: The current cluster data will be removed.")
            .And.Contain($"orders (uid {uid}, keepers keeper1, keeper2, keeper3, primary on keeper3)");
        (await folder.CtlAsync("history")).Out.Contains("It replaces what the store held.", StringComparison.Ordinal).Should().Be(flag == "-y");
    }

    [Theory, Trait("Rule", "A1")]
    [InlineData("init")]
    [InlineData("promote")]
    public async Task With_the_store_away_nobody_is_asked(string command)
    {
        var answer = await StolonProcess.RunAsync(
            "ctl", "--cluster-name", "orders", "--store-backend", "etcdv3", "--store-endpoints", "127.0.0.1:1", "--store-timeout", "1s", command);

        answer.ShouldBeRefused("127.0.0.1:1");
        answer.Out.Should().BeEmpty();
    }

    [Fact, Trait("Rule", "A3")]
    public async Task A_cluster_that_is_promoted_already_is_left_alone()
    {
        using var folder = new TestFolder();
        await folder.CtlAsync("init", "-y");

        (await folder.CtlAsync("promote")).ShouldSucceed().Out.Should().Be("the cluster spec role is already master\n");
    }

    [Fact]
    public async Task Init_under_a_wrong_name_leaves_another_clusters_store_alone()
    {
        using var folder = new TestFolder();
        await folder.CtlAsync("init", "-y");

        var answer = await StolonProcess.RunAsync("ctl", "--cluster-name", "invoices", "--store-backend", "embedded", "--store-endpoints", folder.Store, "init", "-y");

        answer.ShouldBeRefused($"The store file {folder.Store} is that of cluster orders, not of invoices.");
        (await folder.CtlAsync("status")).Out.Should().Contain("Cluster: orders");
    }

    [Fact, Trait("Rule", "A5")]
    public async Task A_document_is_written_at_once_where_there_is_none_and_replaced_only_with_consent()
    {
        using var folder = new TestFolder();
        var document = await File.ReadAllTextAsync(Sample);

        (await folder.CtlWithAsync(document, "clusterdata", "write")).ShouldSucceed().Out.Should().BeEmpty();
        (await folder.CtlWithAsync(document, "clusterdata", "write")).ShouldBeRefused("exists in the store file");
        (await folder.CtlWithAsync(document, "clusterdata", "write")).ShouldBeRefused("--yes");
        (await folder.CtlWithAsync(document, "clusterdata", "write", "-y")).ShouldSucceed();
    }
}
