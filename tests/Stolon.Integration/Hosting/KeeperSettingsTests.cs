using Stolon.Hosting;
using Stolon.Hosting.DependencyInjection;

namespace Stolon.Integration.Hosting;

public sealed class KeeperSettingsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("stolon-settings-");

    [Fact]
    [Trait("Rule", "K1")]
    public void What_is_left_out_gets_its_default()
    {
        var settings = Resolver.Resolve(Options());

        settings.AdvertiseAddress.Should().Be("127.0.0.1");
        settings.AdvertisePort.Should().Be(5432);
        settings.Superuser.UserName.Should().Be("postgres");
        settings.Replication.UserName.Should().Be("replicator");
        settings.RunAsUser.Should().Be(Environment.IsPrivilegedProcess ? "postgres" : null);
        (settings.FencesItself && settings.LockDataDirectory && settings.CanBePrimary).Should().BeTrue();
    }

    [Fact]
    public void Passwords_that_nobody_gave_are_the_same_for_all_keepers_of_the_store()
    {
        var (first, second) = (Resolver.Resolve(Options()), Resolver.Resolve(Options()));

        first.Superuser.Password.Should().NotBeNullOrEmpty().And.Be(second.Superuser.Password);
        first.Replication.Password.Should().NotBeNullOrEmpty().And.Be(second.Replication.Password).And.NotBe(first.Superuser.Password);
        folder.EnumerateFiles().Select(file => file.Name).Should().BeEquivalentTo("superuser.password", "replication.password");
    }

    [Fact]
    [Trait("Rule", "K2")]
    public void A_password_loses_its_line_break_with_a_warning()
    {
        var file = Path.Combine(folder.FullName, "given");
        File.WriteAllText(file, "s3cret\r\n");
        var options = Options();
        options.SuperuserPasswordFile = file;
        options.ReplicationPassword = "r3plica\n";

        var settings = Resolver.Resolve(options);
        var warnings = KeeperSettingsResolver.FindWarnings(options, isOnThisMachine: true).ToArray();

        Resolver.FindMistakes(options).Should().BeEmpty();
        settings.Superuser.Password.Should().Be("s3cret");
        settings.Replication.Password.Should().Be("r3plica");
        warnings.Should().Contain(warning => warning.StartsWith("SuperuserPassword: ", StringComparison.Ordinal))
            .And.Contain(warning => warning.StartsWith("ReplicationPassword: ", StringComparison.Ordinal))
            .And.Contain(warning => warning.Contains("chmod 600", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Rule", "K2")]
    public void A_password_of_line_breaks_only_is_a_mistake()
    {
        var options = Options();
        options.SuperuserPassword = "\r\n";

        Resolver.FindMistakes(options).Should().ContainSingle().Which.Should().Contain("SuperuserPassword: it is empty");
    }

    [Fact]
    [Trait("Rule", "K2")]
    public void Trust_needs_no_password_and_generates_none()
    {
        var options = Options();
        options.SuperuserAuthMethod = options.ReplicationAuthMethod = "trust";

        Resolver.FindMistakes(options).Should().BeEmpty();
        Resolver.Resolve(options).Superuser.Password.Should().BeNull();
        folder.EnumerateFiles().Should().BeEmpty();
    }

    [Fact]
    [Trait("Rule", "K2")]
    public void One_user_for_both_purposes_needs_one_method_and_one_password()
    {
        var options = Options();
        options.ReplicationName = options.SuperuserName;

        Resolver.FindMistakes(options).Should().BeEmpty();
        var settings = Resolver.Resolve(options);
        settings.Replication.Password.Should().Be(settings.Superuser.Password);

        options.ReplicationAuthMethod = "md5";
        options.ReplicationPassword = "another";
        Resolver.FindMistakes(options).Should().HaveCount(2);
    }

    [Theory]
    [Trait("Rule", "S10")]
    [InlineData(-1)]
    [InlineData(65536)]
    [InlineData(5432)]
    public void The_liveness_port_is_a_port_of_its_own(int port)
    {
        var options = Options();
        Resolver.Resolve(options).LivenessPort.Should().Be(0, "any free one will do");
        options.LivenessPort = port;

        Resolver.FindMistakes(options).Should().ContainSingle().Which.Should().StartWith($"LivenessPort: {port}; give a port of its own");
    }

    [Fact]
    [Trait("Rule", "S11")]
    public void No_password_is_printed()
    {
        var options = Options();
        options.SuperuserPassword = options.ReplicationPassword = "s3cret";

        $"{options} {Resolver.Resolve(options)} {Resolver.Resolve(options).Superuser}".Should().NotContain("s3cret");
    }

    public void Dispose() => folder.Delete(recursive: true);

    private KeeperSettingsResolver Resolver => new("orders", folder.FullName);

    private static KeeperOptions Options() => new() { DataDirectory = "keeper1" };
}
