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

    /// <summary>Our version, under the name that the program was started by.</summary>
    public static string VersionLine => $"{InvokedName.Known(InvokedName.Read())} version {Version}";

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
            (var parsed, FlagEnvironment.Origins) = Parse(Root(), args, Environment.GetEnvironmentVariable);
            if (parsed.GetValue(VersionFlag))
            {
                await Console.Out.WriteLineAsync(VersionLine).ConfigureAwait(false);
                return Success;
            }

            if (FlagEnvironment.FindMistake(parsed) is { } mistake)
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
            var line = FlagEnvironment.NameVariables(FailureText.Of(exception));
            await Console.Error.WriteLineAsync($"stolon: {line}").ConfigureAwait(false);
            return Failure;
        }
    }

    /// <summary>Parses; what is not given on the command line is looked for in the environment.</summary>
    /// <param name="root">What can be asked for.</param>
    /// <param name="args">The arguments.</param>
    /// <param name="environment">Finds an environment variable.</param>
    /// <returns>What was asked for, and the flags that the environment gave, with their variables.</returns>
    public static (ParseResult Parsed, IReadOnlyDictionary<string, string> Origins) Parse(RootCommand root, string[] args, Func<string, string?> environment)
    {
        var (complete, origins) = FlagEnvironment.Complete(root, args, some => root.Parse(some, Parsing), environment);
        return (root.Parse(complete, Parsing), origins);
    }

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
