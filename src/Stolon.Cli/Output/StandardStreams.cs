using System.Runtime.InteropServices;

namespace Stolon.Cli.Output;

/// <summary>
/// A program may be started without any standard input, output or error at all (<c>2&gt;&amp;-</c>). The runtime then gives their numbers to files of
/// its own, and a line of the log would go into one of those: its pipe for signals, say.
/// </summary>
internal static partial class StandardStreams
{
    private const int GetFlags = 1;
    private const int CloseOnExec = 1;

    private static bool hasInput = true;

    /// <summary>Leaves alone what was not there when the program started. To be called before anything is read or written.</summary>
    public static void Settle()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        hasInput = WasInherited(0);
        if (!hasInput)
        {
            Console.SetIn(TextReader.Null);
        }

        if (!WasInherited(1))
        {
            Console.SetOut(TextWriter.Null);
        }

        if (!WasInherited(2))
        {
            Console.SetError(TextWriter.Null);
        }
    }

    /// <summary>Standard input as bytes.</summary>
    /// <returns>The stream; empty if there is none.</returns>
    public static Stream OpenInput() => hasInput ? Console.OpenStandardInput() : Stream.Null;

    /// <summary>What came with the program is not closed when another is started, or it would not be here; the runtime's own files are.</summary>
    private static bool WasInherited(int file) => Fcntl(file, GetFlags, 0) is var flags and >= 0 && (flags & CloseOnExec) == 0;

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(int file, int command, int argument);
}
