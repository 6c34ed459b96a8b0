using System.CommandLine;
using QuickStart.Roles;

namespace QuickStart;

/// <summary>What can be asked for on the command line.</summary>
internal static class CommandLine
{
    private const int MaxKeepers = 10;
    private const int UsageError = 2;

    private static readonly Option<bool> Processes = new("--processes")
    {
        Description = "Run every role as a process of its own, so that you can kill them one by one.",
    };

    private static readonly Option<bool> Demo = new("--demo")
    {
        Description = "Write all the time, kill -9 the primary, and check that nothing was lost. Implies --processes.",
    };

    private static readonly Option<bool> Sync = new("--sync")
    {
        Description = "Synchronous replication: a commit waits until a standby has it.",
    };

    private static readonly Option<string?> Data = new("--data")
    {
        HelpName = "FOLDER",
        Description = "Where everything is kept. Root: /var/lib/stolon-quickstart; others: ~/.local/share/stolon-quickstart; "
            + "a demo: a folder of its own.",
    };

    private static readonly Option<int> Keepers = new("--keepers")
    {
        HelpName = "N",
        Description = "How many keepers, and so PostgreSQL instances.",
        DefaultValueFactory = _ => 3,
    };

    private static readonly Option<string?> TakeOver = new("--take-over")
    {
        HelpName = "KEEPER",
        Description = "When the store file is lost: make a new cluster around the data of this keeper, for example keeper1.",
    };

    private static readonly Option<string?> Role = new("--role") { Hidden = true };
    private static readonly Option<string?> Name = new("--name") { Hidden = true };
    private static readonly Option<int> Port = new("--port") { Hidden = true };
    private static readonly Option<string?> Spec = new("--spec") { Hidden = true };

    /// <summary>Parses and runs.</summary>
    /// <param name="args">The arguments.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("A highly available PostgreSQL cluster on this machine: keepers, a sentinel and a proxy. Ctrl+C ends it.")
        {
            Processes, Demo, Sync, Data, Keepers, TakeOver, Role, Name, Port, Spec,
        };
        Keepers.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > MaxKeepers)
            {
                result.AddError($"--keepers: give a number from 1 to {MaxKeepers}.");
            }
        });
        root.Validators.Add(result =>
        {
            if (result.GetValue(Demo) && result.GetResult(Keepers)?.GetValueOrDefault<int>() == 1)
            {
                result.AddError("--demo kills the primary: it needs --keepers 2 at least, so that another can take over.");
            }
        });
        root.SetAction((parsed, _) => RunAsync(parsed));

        var parsed = root.Parse(args);
        return parsed.Errors.Count > 0 ? RefuseAsync(parsed) : InvokeAsync(parsed);
    }

    private static async Task<int> RefuseAsync(ParseResult parsed)
    {
        foreach (var error in parsed.Errors)
        {
            await Console.Error.WriteLineAsync($"quickstart: {error.Message}");
        }

        await Console.Error.WriteLineAsync("quickstart: ./quickstart.sh --help lists the options.");
        return UsageError;
    }

    // Signals are handled by this program, in order: the parser's own handler would end the process after two seconds.
    private static Task<int> InvokeAsync(ParseResult parsed) =>
        parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });

    private static Task<int> RunAsync(ParseResult parsed)
    {
        if (parsed.GetValue(Role) is { } kind)
        {
            var role = new RoleSpec
            {
                Kind = Enum.Parse<RoleKind>(kind, ignoreCase: true),
                Name = parsed.GetValue(Name) ?? kind,
                Port = parsed.GetValue(Port),
                Synchronous = parsed.GetValue(Sync),
                SpecFile = parsed.GetValue(Spec),
            };
            return ChildProgram.RunAsync(role, parsed.GetValue(Data)!);
        }

        return QuickStartProgram.RunAsync(new Settings
        {
            Processes = parsed.GetValue(Processes) || parsed.GetValue(Demo),
            Demo = parsed.GetValue(Demo),
            Synchronous = parsed.GetValue(Sync),
            Data = parsed.GetValue(Data),
            Keepers = parsed.GetValue(Keepers),
            TakeOver = parsed.GetValue(TakeOver),
        });
    }
}

/// <summary>What was asked for.</summary>
internal sealed record Settings
{
    /// <summary>Every role is a process of its own.</summary>
    public bool Processes { get; init; }

    /// <summary>Kill the primary and check that nothing was lost.</summary>
    public bool Demo { get; init; }

    /// <summary>A commit waits for a standby.</summary>
    public bool Synchronous { get; init; }

    /// <summary>Where everything is kept; null = the usual place.</summary>
    public string? Data { get; init; }

    /// <summary>How many keepers.</summary>
    public required int Keepers { get; init; }

    /// <summary>The keeper whose data becomes a new cluster; null = none.</summary>
    public string? TakeOver { get; init; }
}
