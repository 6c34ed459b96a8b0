using System.CommandLine;
using Stolon.Cli.Output;
using Stolon.Cluster;
using Stolon.Storage;

namespace Stolon.Cli.Ctl;

/// <summary><c>ctl clusterdata</c> (A5): the whole document, to look at, to keep, and to put back.</summary>
internal static class ClusterDataCommand
{
    private static readonly Option<bool> Pretty = new("--pretty") { Description = "Indented." };
    private static readonly Option<string?> FileFlag = GivenText.FileFlag("The document; without it standard input");
    private static readonly Option<bool> Yes = new("--yes", "-y") { Description = "Replace a document that is there." };

    /// <summary>Makes the command.</summary>
    /// <param name="context">What the commands share.</param>
    /// <returns>The command.</returns>
    public static Command Create(CtlContext context)
    {
        var read = new Command("read", "Shows the cluster's document.") { Pretty };
        read.SetAction((parsed, _) => context.RunAsync(parsed, async (session, token) =>
            Json.Print(ClusterJson.Write((await session.ReadAsync(token).ConfigureAwait(false)).Data, parsed.GetValue(Pretty)))));
        var write = new Command("write", "Replaces the cluster's document.") { FileFlag, Yes };
        write.SetAction((parsed, token) => WriteAsync(context, parsed, token));
        var command = new Command("clusterdata", "Reads and writes the cluster's document.") { read, write };
        CtlCommands.ShowHelpAlone(command);
        return command;
    }

    private static async Task<int> WriteAsync(CtlContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        context.Check(parsed);
        var given = await GivenText.ReadAsync(parsed.GetValue(FileFlag) ?? "-", inline: null, cancellationToken).ConfigureAwait(false);
        var data = Read(given!);
        return await context.RunAsync(
            parsed,
            async (session, token) =>
            {
                var decision = new Decision(session.Time.GetUtcNow(), "", "ClusterDataWritten", "An operator wrote the whole document.");
                if (parsed.GetValue(Yes))
                {
                    await session.Store.OverwriteAsync(data, [decision], token).ConfigureAwait(false);
                }
                else if (!await session.Store.TryWriteAsync(data, expected: null, [decision], token).ConfigureAwait(false))
                {
                    throw session.Exists;
                }
            },
            creates: true).ConfigureAwait(false);
    }

    /// <summary>What sentinels and keepers would refuse to read is not written.</summary>
    private static ClusterData Read(byte[] json)
    {
        try
        {
            var data = ClusterJson.ReadClusterData(json);
            return data.Cluster.Spec.Validate() is { IsEmpty: false } mistakes
                ? throw new CommandException($"the document is refused, nothing was written: its specification is not valid: {string.Join("; ", mistakes)}")
                : data;
        }
        catch (ClusterDataException exception)
        {
            throw new CommandException($"the document is refused, nothing was written: {exception.Message}", exception);
        }
    }
}
