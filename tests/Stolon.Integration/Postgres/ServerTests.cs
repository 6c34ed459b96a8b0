using System.Globalization;
using Npgsql;
using Stolon.Cluster;
using Stolon.Hosting.Postgres;
using Stolon.Integration.EndToEnd;
using Stolon.Postgres;

namespace Stolon.Integration.Postgres;

/// <summary>What a real PostgreSQL does when something around it goes wrong.</summary>
[Collection(ClusterCollection.Name)]
public sealed class ServerTests
{
    private static readonly TimeSpan Ready = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Rule", "K9")]
    public async Task An_instance_whose_every_connection_is_taken_never_looks_dead_and_still_loads_a_configuration()
    {
        await using var fixture = new PostgresFixture();
        var (instance, configuration) = await StartAsync(fixture, ("max_connections", "12"));
        await instance.CollectAsync(Cancel);
        var clients = new List<NpgsqlConnection>();
        try
        {
            await TakeAllAsync(fixture, clients);

            (await instance.CollectAsync(Cancel)).Role.Should().Be(Role.Primary);
            var next = configuration with { Parameters = configuration.Parameters.With("work_mem", "8MB") };
            (await instance.ApplyAsync(next, Cancel)).Should().BeNull();
            (await instance.CollectAsync(Cancel)).ConfiguredParameters["work_mem"].Should().Be("8MB");
        }
        finally
        {
            foreach (var client in clients)
            {
                await client.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Data_whose_group_was_given_all_rights_as_Kubernetes_does_at_each_mount_is_closed_to_it()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();
        PostgresFixture.SetMode(fixture.PgData, (UnixFileMode)0b010_111_111_000);

        await instance.StartAsync(fixture.Configuration(instance), Cancel);

        await instance.WaitReadyAsync(Ready, Cancel);
        (Libc.Status(fixture.PgData)!.Value.Mode & 0b111_111_111).Should().Be(0b111_000_000);
    }

    [Fact]
    [Trait("Rule", "K22")]
    [Trait("Rule", "S10")]
    public async Task A_configuration_with_a_mistake_is_taken_back_and_the_mistake_is_named()
    {
        await using var fixture = new PostgresFixture();
        var (instance, configuration) = await StartAsync(fixture);
        var file = Path.Combine(fixture.PgData, "postgresql.conf");
        var before = await File.ReadAllTextAsync(file, Cancel);

        var parameter = await instance.ApplyAsync(configuration with { Parameters = configuration.Parameters.With("work_mem", "10XB") }, Cancel);
        var line = await instance.ApplyAsync(
            configuration with { Hba = [.. configuration.Hba, "host all all 10.0.0.0/8 rejcet"] }, Cancel);

        parameter!.Parameters.Should().Equal("work_mem");
        parameter.HbaLine.Should().Be(0);
        line!.Parameters.Should().BeEmpty();
        line.HbaLine.Should().Be(configuration.Hba.Count + 2, "the keeper's comment is the first line");
        (await File.ReadAllTextAsync(file, Cancel)).Should().Be(before);
        instance.RunningWith.Should().Be(configuration);
    }

    [Fact]
    [Trait("Rule", "S4b")]
    public async Task An_opening_that_was_written_counts_as_open_even_when_nobody_saw_it_loaded()
    {
        await using var fixture = new PostgresFixture();
        var (instance, configuration) = await StartAsync(fixture, closed: true);
        instance.MayBeOpen.Should().BeFalse();
        // It locks the keeper out too, which then cannot see whether it is loaded.
        var open = configuration with { InternalOnly = false, Hba = ["local all all reject"] };

        await FluentActions.Awaiting(() => instance.ApplyAsync(open, Cancel)).Should().ThrowAsync<PostgresInstanceException>();

        instance.MayBeOpen.Should().BeTrue();
        instance.RunningWith.Should().Be(configuration, "nobody saw it loaded");
    }

    [Fact]
    [Trait("Rule", "K22")]
    public async Task What_keeps_PostgreSQL_from_starting_is_found_without_starting_it()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();
        var asked = ValueMap<string, string>.Empty.With("work_mem", "10XB").With("max_wal_size", "2GB").With("no_such_thing", "1").With("my.own", "x");

        var refusal = await instance.FindMistakesAsync(asked, Cancel);

        refusal!.Parameters.Should().Equal("no_such_thing", "work_mem");
        (await instance.FindMistakesAsync(ValueMap<string, string>.Empty.With("max_wal_size", "2GB"), Cancel)).Should().BeNull();
    }

    [Fact]
    [Trait("Rule", "S4")]
    public async Task PostgreSQL_and_its_guard_have_a_session_of_their_own_so_that_a_terminal_reaches_neither()
    {
        await using var fixture = new PostgresFixture();
        await StartAsync(fixture);
        var postmaster = PostmasterOf(fixture);
        var guard = Processes.Parent(postmaster)!.Value;

        SessionOf(guard).Should().Be(guard, "it leads the session");
        SessionOf(postmaster).Should().NotBe(SessionOf(Environment.ProcessId));
    }

    [Fact]
    [Trait("Rule", "S11")]
    public async Task No_password_is_among_the_arguments_of_a_process_and_files_are_closed_to_others()
    {
        await using var fixture = new PostgresFixture();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        using var done = new CancellationTokenSource();
        var watching = Task.Run(() => Watch(fixture.DataDirectory, seen, done.Token), Cancel);
        var instance = await fixture.OpenAsync("pass-of-su", "pass-of-repl");
        var configuration = fixture.Configuration(instance);
        await instance.CreateAsync(new NewConfig(), configuration.Parameters, "c1", Ready, Cancel);
        await instance.StartAsync(configuration, Cancel);
        await instance.WaitReadyAsync(Ready, Cancel);
        await instance.CollectAsync(Cancel);
        await done.CancelAsync();
        await watching;

        seen.Should().Contain(line => line.Contains("initdb", StringComparison.Ordinal), "else nothing was looked at")
            .And.NotContain(line => line.Contains("pass-of", StringComparison.Ordinal));
        var open = new DirectoryInfo(fixture.DataDirectory).EnumerateFiles("*", SearchOption.AllDirectories)
            .Where(file => (file.UnixFileMode & (UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != UnixFileMode.None
                && file.LinkTarget is null && (file.UnixFileMode & UnixFileMode.UserExecute) == UnixFileMode.None
                && !file.Name.StartsWith(".s.PGSQL", StringComparison.Ordinal))
            .Select(file => $"{file.FullName} {file.UnixFileMode}");
        open.Should().BeEmpty();
    }

    [Fact]
    [Trait("Rule", "PG1")]
    public async Task A_postmaster_that_was_killed_is_told_from_one_that_was_stopped()
    {
        await using var fixture = new PostgresFixture();
        var (instance, configuration) = await StartAsync(fixture);

        Processes.Signal("KILL", PostmasterOf(fixture));
        await instance.Exited.WaitAsync(Ready, Cancel);
        instance.Ending.Should().Contain("signal 9");

        await instance.StartAsync(configuration, Cancel);
        await instance.WaitReadyAsync(Ready, Cancel);
        instance.Ending.Should().BeNull();
        await instance.StopAsync(StopMode.Fast, Ready, Cancel);
        instance.Ending.Should().BeNull("it was asked to");
    }

    [Fact]
    [Trait("Rule", "S7")]
    public async Task A_control_file_that_was_exchanged_is_read_again()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();
        var first = await instance.ReadControlDataAsync(Cancel);
        await using var other = new PostgresFixture();
        await other.CreateAsync();

        var file = Path.Combine("global", "pg_control");
        File.Copy(Path.Combine(other.PgData, file), Path.Combine(fixture.PgData, file + ".new"));
        Own(Path.Combine(fixture.PgData, file + ".new"), fixture.PgData);
        File.Move(Path.Combine(fixture.PgData, file + ".new"), Path.Combine(fixture.PgData, file), overwrite: true);

        (await instance.ReadControlDataAsync(Cancel))!.SystemId.Should().NotBe(first!.SystemId);
    }

    private static async Task<(PostgresInstance Instance, ServerConfiguration Configuration)> StartAsync(
        PostgresFixture fixture, (string Name, string Value)? parameter = null, bool closed = false)
    {
        var instance = await fixture.CreateAsync();
        var configuration = fixture.Configuration(instance) with { InternalOnly = closed };
        configuration = parameter is { } one ? configuration with { Parameters = configuration.Parameters.With(one.Name, one.Value) } : configuration;
        await instance.StartAsync(configuration, Cancel);
        await instance.WaitReadyAsync(Ready, Cancel);
        return (instance, configuration);
    }

    private static async Task TakeAllAsync(PostgresFixture fixture, List<NpgsqlConnection> clients)
    {
        var text = new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = fixture.Port,
            Username = "postgres",
            Password = "secret",
            Database = "postgres",
            Pooling = false,
        };
        while (true)
        {
            var client = new NpgsqlConnection(text.ConnectionString);
            try
            {
                await client.OpenAsync(Cancel);
                clients.Add(client);
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.TooManyConnections)
            {
                await client.DisposeAsync();
                clients.Should().HaveCountGreaterThan(5);
                return;
            }
        }
    }

    private static int PostmasterOf(PostgresFixture fixture) =>
        int.Parse(File.ReadLines(Path.Combine(fixture.PgData, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    private static int SessionOf(int process)
    {
        var text = File.ReadAllText($"/proc/{process}/stat");
        return int.Parse(text[(text.LastIndexOf(')') + 2)..].Split(' ')[3], CultureInfo.InvariantCulture);
    }

    private static void Watch(string folder, HashSet<string> seen, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            foreach (var process in Processes.Mentioning(folder))
            {
                seen.Add(Processes.Describe([process]));
            }
        }
    }

    private static void Own(string file, string like)
    {
        using var chown = System.Diagnostics.Process.Start("chown", ["--reference", like, file]);
        chown.WaitForExit();
    }
}
