using System.CommandLine;
using System.Globalization;
using System.Text;

namespace Stolon.Cli.Options;

/// <summary>A secret is nowhere but where it is needed (S11): what was read is taken out of the environment and out of <c>ps</c>.</summary>
internal static class Secrets
{
    private const int FirstFieldAfterName = 3;
    private const int ArgumentsStart = 48;
    private const int ArgumentsEnd = 49;

    /// <summary>Forgets the values of some flags, wherever they came from.</summary>
    /// <param name="parsed">The arguments.</param>
    /// <param name="flags">The flags.</param>
    public static void Forget(ParseResult parsed, params Option<string?>[] flags)
    {
        foreach (var flag in flags)
        {
            // PostgreSQL inherits the environment.
            Environment.SetEnvironmentVariable(FlagEnvironment.VariableOf(parsed, flag), null);
        }

        Mask([.. flags.Select(flag => flag.Name)]);
    }

    /// <summary>Writes over the values of some flags in a process's arguments.</summary>
    /// <param name="memory">The arguments, a NUL behind each.</param>
    /// <param name="flags">The names of the flags.</param>
    public static void Mask(Span<byte> memory, IReadOnlyList<string> flags)
    {
        var follows = false;
        while (!memory.IsEmpty)
        {
            var end = memory.IndexOf((byte)0) is var found and >= 0 ? found : memory.Length;
            var argument = memory[..end];
            var equals = argument.IndexOf((byte)'=');
            var isFlag = !follows && flags.Contains(Encoding.UTF8.GetString(equals < 0 ? argument : argument[..equals]), StringComparer.Ordinal);
            var value = follows ? argument : isFlag && equals >= 0 ? argument[(equals + 1)..] : [];
            value.Fill((byte)'x');
            follows = isFlag && equals < 0;
            memory = memory[Math.Min(end + 1, memory.Length)..];
        }
    }

    /// <summary>What <c>ps</c> shows is this process's own memory, so it can be written over, as PostgreSQL's and MySQL's programs do.</summary>
    private static unsafe void Mask(IReadOnlyList<string> flags)
    {
        try
        {
            // The name of the program may have spaces and brackets in it; the numbers follow its last bracket.
            var stat = File.ReadAllText("/proc/self/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var start = ulong.Parse(fields[ArgumentsStart - FirstFieldAfterName], CultureInfo.InvariantCulture);
            var end = ulong.Parse(fields[ArgumentsEnd - FirstFieldAfterName], CultureInfo.InvariantCulture);
            if (start == 0 || end <= start)
            {
                return;
            }

            Mask(new Span<byte>((void*)start, checked((int)(end - start))), flags);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            // A system without /proc: the flag's help says what is better.
        }
    }
}
