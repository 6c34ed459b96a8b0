using System.Runtime.Versioning;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

[assembly: UnsupportedOSPlatform("windows")]

namespace Stolon.Stores.Tests;

/// <summary>The tests; or, started by a test, one more process that uses a store.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args is [Worker.Word, var path, var verb, ..])
        {
            return await Worker.RunAsync(path, verb, args[3..]);
        }

        return args.Any(arg => arg is "--server" or "--internal-msbuild-node")
            ? await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : await ConsoleRunner.Run(args);
    }
}
