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
            if (parsed.GetValue(flag) is { Length: > 0 } secret)
            {
                Mask(secret);
            }
        }
    }

    /// <summary>What <c>ps</c> shows is this process's own memory, so it can be written over, as PostgreSQL's and MySQL's programs do.</summary>
    private static unsafe void Mask(string secret)
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

            var memory = new Span<byte>((void*)start, checked((int)(end - start)));
            var hidden = Encoding.UTF8.GetBytes(secret);
            for (int at, from = 0; (at = memory[from..].IndexOf(hidden)) >= 0; from += at + hidden.Length)
            {
                memory.Slice(from + at, hidden.Length).Fill((byte)'x');
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            // A system without /proc: the flag's help says what is better.
        }
    }
}
