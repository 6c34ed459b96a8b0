using System.CommandLine;
using System.Reflection;
using Stolon.Cli.Ctl;
using Stolon.Cli.Options;
using Stolon.Cli.Output;
using Stolon.Cli.Roles;

namespace Stolon.Cli;

/// <summary>The program: what can be asked for, and what becomes of it.</summary>
internal static class StolonProgram
{
    private const int Success = 0;
    private const int Failure = 1;

    /// <summary>Our version.</summary>
    public static string Version { get; } =
        typeof(StolonProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";

    /// <summary>Asks for the version, wherever it stands.</summary>
    public static readonly Option<bool> VersionFlag = new("--version", "-v") { Description = "Print the version.", Recursive = true };

    // @ at the beginning of a value (a password, say) is no response file.
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null };

    /// <summary>Parses and runs.</summary>
    /// <param name="args">The arguments.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            var parsed = Parse(args, Environment.GetEnvironmentVariable);
            if (parsed.GetValue(VersionFlag))
            {
                await Console.Out.WriteLineAsync($"stolon version {Version}").ConfigureAwait(false);
                return Success;
            }

            if (FlagEnvironment.FindMistake(parsed, Environment.GetEnvironmentVariable) is { } mistake)
            {
                throw new CommandException(mistake);
            }

            // Signals are handled by the roles, in order: the parser's own handler would end the process after two seconds.
            return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false })
                .ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it is: one line, and exit code 1.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await Console.Error.WriteLineAsync($"stolon: {FailureText.Of(exception)}").ConfigureAwait(false);
            return Failure;
        }
    }

    /// <summary>Parses; what is not given on the command line is looked for in the environment.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="environment">Finds an environment variable.</param>
    /// <returns>What was asked for.</returns>
    public static ParseResult Parse(string[] args, Func<string, string?> environment) => Parse(Root(), args, environment);

    /// <summary>Parses with some of the commands.</summary>
    /// <param name="root">What can be asked for.</param>
    /// <param name="args">The arguments.</param>
    /// <param name="environment">Finds an environment variable.</param>
    /// <returns>What was asked for.</returns>
    public static ParseResult Parse(RootCommand root, string[] args, Func<string, string?> environment) =>
        root.Parse(FlagEnvironment.Complete(args, root.Parse(args, Parsing), environment), Parsing);

    /// <summary>Everything that can be asked for.</summary>
    /// <returns>The root command.</returns>
    public static RootCommand Root()
    {
        var root = new RootCommand("Keeps a PostgreSQL cluster highly available. It takes the commands and flags of stolon 0.17.")
        {
            new KeeperCommand().Create(),
            new SentinelCommand().Create(),
            new ProxyCommand().Create(),
            CtlCommands.Create(),
        };
        foreach (var own in root.Options.OfType<VersionOption>().ToList())
        {
            root.Options.Remove(own);
        }

        root.Options.Add(VersionFlag);
        return root;
    }
}
