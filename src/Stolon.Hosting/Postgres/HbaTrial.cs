using System.Collections.Immutable;
using System.Text;
using Npgsql;
using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>
/// Shows lines of pg_hba.conf to the server, which parses the one file that it was started with whenever <c>pg_hba_file_rules</c> is read.
/// So they stand in that file for an instant, behind lines that let nobody through to them: whoever reloads just then loads what was in
/// force before. Without a reload nothing is loaded at all. The keeper writes and loads nothing else meanwhile.
/// </summary>
internal sealed class HbaTrial(PostgresContext context, LocalConnections connections)
{
    /// <summary>What no line before let in goes no further than these.</summary>
    internal static readonly ImmutableArray<string> Barrier =
        ["local all all reject", "host all all all reject", "local replication all reject", "host replication all all reject"];

    // A line with a type was understood, whatever there is to say about it (that TLS is off, for example).
    private const string Mistakes = "select line_number, error from pg_hba_file_rules where error is not null and type is null order by 1";

    // With files that are included a line number alone says nothing.
    private const string MistakesByFile = """
        select case when file_name = current_setting('hba_file') then line_number else 0 end,
               case when file_name = current_setting('hba_file') then error else file_name || ' line ' || line_number || ': ' || error end
        from pg_hba_file_rules where error is not null and type is null order by 1
        """;

    /// <summary>Finds the lines that the server does not understand.</summary>
    /// <param name="lines">The operator's lines.</param>
    /// <param name="cancellationToken">Gives up; the file is as before then.</param>
    /// <returns>Sentences that begin with the JSON path.</returns>
    /// <exception cref="PostgresInstanceException">The server could not be asked.</exception>
    public async Task<ImmutableArray<string>> FindMistakesAsync(ValueList<string> lines, CancellationToken cancellationToken)
    {
        var path = Path.Combine(context.Folder.Pgdata, "pg_hba.conf");
        try
        {
            var before = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
            var head = Encoding.UTF8.GetString(before).TrimEnd('\n') + '\n' + string.Join('\n', Barrier) + '\n';
            try
            {
                context.Owner.Replace(path, head + ConfigFile.HbaText(lines));
                var found = await connections.AskAsync(main => AskAsync(main, cancellationToken), cancellationToken).ConfigureAwait(false);

                // The text of the lines begins with a line of its own.
                var first = head.Count(letter => letter == '\n') + 2;
                return [.. found.Select(mistake => Sentence(lines, mistake.Line - first, mistake.Error))];
            }
            finally
            {
                context.Owner.Replace(path, before);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new PostgresInstanceException($"Lines of pg_hba.conf could not be looked at: {error.Message}", error);
        }
    }

    private static string Sentence(ValueList<string> lines, int index, string error) => index >= 0 && index < lines.Count
        ? $"$.pgHBA[{index}]: expected a line that PostgreSQL understands, found \"{lines[index]}\": {error}"
        : $"$.pgHBA: expected lines that PostgreSQL understands: {error}";

    private async Task<List<(int Line, string Error)>> AskAsync(NpgsqlConnection main, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(context.Binaries.Version.HbaRulesNameTheirFile ? MistakesByFile : Mistakes, main);
        await using var commandEnd = command.ConfigureAwait(false);
        var rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var rowsEnd = rows.ConfigureAwait(false);
        var found = new List<(int Line, string Error)>();
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            found.Add((rows.GetInt32(0), rows.GetString(1)));
        }

        return found;
    }
}
