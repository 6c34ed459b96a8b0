using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Stolon.Cluster;
using Stolon.Hosting;
using Stolon.Hosting.Administration;
using Stolon.Hosting.Keeper;
using Stolon.Tests;

namespace Stolon.Integration.Hosting;

/// <summary>A keeper in a host of its own, whose passwords a callback gives.</summary>
[Collection(EndToEnd.ClusterCollection.Name)]
[Trait("Rule", "S12")]
public sealed class PasswordProviderTests : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("stolon-provider-").FullName;
    private readonly int port = FreePort.Next();
    private readonly ListLogger<KeeperService> log = new();
    private Func<CancellationToken, ValueTask<string>> provider = _ => ValueTask.FromResult("vault-1");
    private IHost? host;

    public PasswordProviderTests() => Postgres.PostgresFixture.SetMode(
        folder,
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_callback_gives_becomes_the_password_of_the_role_and_a_callback_that_fails_is_survived()
    {
        await StartAsync();
        await UntilAsync(() => LogsInAsync("vault-1"));

        provider = _ => ValueTask.FromResult("vault-2");
        await UntilAsync(async () => await LogsInAsync("vault-2") && !await LogsInAsync("vault-1"));

        provider = _ => throw new InvalidOperationException("the vault is sealed");
        await UntilAsync(async () => (await StatusAsync()).Keepers is [{ Trouble: var trouble }] && trouble.Contains("the vault is sealed", StringComparison.Ordinal));
        (await LogsInAsync("vault-2")).Should().BeTrue();
        (await StatusAsync()).IsAvailable.Should().BeTrue();

        // Also the next start does without the vault.
        await StopAsync();
        await StartAsync();
        await UntilAsync(() => LogsInAsync("vault-2"));

        provider = _ => ValueTask.FromResult("vault-3");
        await UntilAsync(async () => await LogsInAsync("vault-3") && (await StatusAsync()).Keepers is [{ Trouble: "" }]);
        log.Lines.Should().NotContain(line => line.Contains("vault-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_vault_that_changes_the_role_itself_is_asked_for_the_new_password()
    {
        await StartAsync(TimeSpan.FromHours(1));
        await UntilAsync(() => LogsInAsync("vault-1"));

        provider = _ => ValueTask.FromResult("by the vault");
        await AskAsync("vault-1", "alter role postgres password 'by the vault'");
        await AskAsync("by the vault", "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'stolon keeper'");

        await UntilAsync(async () => log.Lines.Any(line => line.Contains("there is a new password of postgres", StringComparison.Ordinal))
            && (await StatusAsync()) is { IsAvailable: true, Keepers: [{ IsPostgresHealthy: true, Trouble: "" }] });
        (await LogsInAsync("by the vault")).Should().BeTrue();
    }

    [Fact]
    public async Task A_keeper_that_never_had_a_password_does_not_start_without_one_and_says_why()
    {
        provider = _ => throw new InvalidOperationException("the vault is sealed");

        (await FluentActions.Awaiting(() => StartAsync()).Should().ThrowAsync<StolonException>())
            .Which.Message.Should().Contain("SuperuserPasswordProvider").And.Contain("the vault is sealed");
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(folder, recursive: true);
    }

    private async Task StartAsync(TimeSpan? interval = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<ILogger<KeeperService>>(log);
        builder.Services.AddStolon("orders").UseEmbeddedStore(Path.Combine(folder, "store.db"))
            .AddSentinel(sentinel => sentinel.InitialClusterSpec = new ClusterSpec { InitMode = InitMode.New, SleepInterval = TimeSpan.FromSeconds(1) })
            .AddKeeper(keeper =>
            {
                (keeper.Uid, keeper.DataDirectory, keeper.Port) = ("keeper1", Path.Combine(folder, "keeper1"), port);
                keeper.SuperuserPasswordProvider = token => provider(token);
                keeper.PasswordRefreshInterval = interval ?? TimeSpan.FromSeconds(1);
            });
        host = builder.Build();
        await host.StartAsync(Cancel);
    }

    private async Task StopAsync()
    {
        if (host is not null)
        {
            await host.StopAsync(CancellationToken.None);
            host.Dispose();
            host = null;
        }
    }

    private async Task<ClusterOverview> StatusAsync() =>
        await host!.Services.GetRequiredKeyedService<IStolonAdministration>("orders").GetStatusAsync(Cancel);

    private async Task<bool> LogsInAsync(string password)
    {
        try
        {
            await AskAsync(password, "select 1");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task AskAsync(string password, string question)
    {
        await using var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={port};Username=postgres;Password={password};Database=postgres;Pooling=false");
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(question, connection);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private async Task UntilAsync(Func<Task<bool>> holds)
    {
        var start = Stopwatch.StartNew();
        while (!await holds())
        {
            if (start.Elapsed > TimeSpan.FromSeconds(90))
            {
                Assert.Fail($"It did not happen. Told:\n{string.Join('\n', log.Lines)}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Cancel);
        }
    }
}
