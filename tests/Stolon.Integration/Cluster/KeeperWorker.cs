using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Stolon.Hosting.Keeper;
using Stolon.Hosting.Postgres;

namespace Stolon.Integration.EndToEnd;

/// <summary>
/// A keeper in a process of its own, which is this test program (<see cref="StartupHook"/>). It says on its standard output what it logs, and
/// when it logs a given text it is dead before anything else happens: SIGKILL to itself.
/// </summary>
internal static partial class KeeperWorker
{
    public const string Role = "keeper";
    public const string FolderVariable = "STOLON_TEST_FOLDER";
    public const string UidVariable = "STOLON_TEST_UID";
    public const string PortVariable = "STOLON_TEST_PORT";
    public const string DiesAtVariable = "STOLON_TEST_DIES_AT";

    /// <summary>A text that stands for "so many percent are copied": <c>40 %</c>.</summary>
    private const string Percent = " %";

    public static async Task RunAsync()
    {
        var folder = Variable(FolderVariable);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<ILogger<KeeperService>>(new Mortal(Environment.GetEnvironmentVariable(DiesAtVariable)));
        builder.Services.AddStolon("orders").UseEmbeddedStore(Path.Combine(folder, "store.db")).AddKeeper(keeper =>
        {
            (keeper.Uid, keeper.DataDirectory) = (Variable(UidVariable), Path.Combine(folder, Variable(UidVariable)));
            keeper.Port = int.Parse(Variable(PortVariable), CultureInfo.InvariantCulture);
            (keeper.SuperuserPassword, keeper.ReplicationPassword) = ("secret", "secret too");
            // Slow enough for a percentage to be seen.
            keeper.CopyMegabytesPerSecond = Environment.GetEnvironmentVariable(DiesAtVariable)?.EndsWith(Percent, StringComparison.Ordinal) == true ? 6 : null;
        });
        using var host = builder.Build();
        await host.RunAsync();
    }

    private static string Variable(string name) =>
        Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set.");

    [GeneratedRegex(@"copied (?<copied>\d+) of (?<total>\d+) bytes", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Copied();

    private sealed class Mortal(string? diesAt) : ILogger<KeeperService>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = formatter(state, exception);
            Console.WriteLine(line.ReplaceLineEndings(" "));
            Console.Out.Flush();
            if (diesAt is not null && IsReached(diesAt, line))
            {
                Libc.Signal(Environment.ProcessId, Libc.SigKill);
            }
        }

        private static bool IsReached(string diesAt, string line) =>
            !diesAt.EndsWith(Percent, StringComparison.Ordinal) ? line.Contains(diesAt, StringComparison.Ordinal)
                : Copied().Match(line) is { Success: true } found
                    && Number(found, "copied") * 100 >= Number(found, "total") * int.Parse(diesAt[..^Percent.Length], CultureInfo.InvariantCulture);

        private static long Number(Match found, string name) => long.Parse(found.Groups[name].Value, CultureInfo.InvariantCulture);
    }
}
