using System.Collections.Immutable;
using Npgsql;
using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>
/// Finds out what the running instance would accept of settings that nobody has written yet: names, ranges and lines as the server has them
/// (<c>pg_settings</c>, <c>pg_hba_file_rules</c>), values as its program reads them. Nothing is loaded, and nothing is executed.
/// </summary>
internal sealed class CandidateCheck(PostgresContext context, LocalConnections connections)
{
    private const string Catalogue = """
        select name, vartype, context, coalesce(setting, ''), coalesce(unit, ''), coalesce(min_val, ''), coalesce(max_val, ''),
               coalesce(array_to_string(enumvals, chr(10)), '')
        from pg_settings
        """;

    private const string LibraryFolder = "select setting from pg_config where name = 'PKGLIBDIR'";

    /// <summary>Asks.</summary>
    /// <param name="question">What.</param>
    /// <param name="cancellationToken">Gives up; the files are as before then.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="PostgresInstanceException">The instance could not be asked.</exception>
    public async Task<SettingsAnswer> RunAsync(SettingsQuestion question, CancellationToken cancellationToken)
    {
        var asked = question.PgParameters;
        var rows = await connections.AskAsync(main => ReadCatalogueAsync(main, cancellationToken), cancellationToken).ConfigureAwait(false);
        var catalogue = new ServerCatalogue(context.Binaries.Version, rows);
        var mistakes = ImmutableArray.CreateBuilder<string>();
        mistakes.AddRange(catalogue.FindMistakes(asked));
        foreach (var (name, said) in await SettingCheck.FindAsync(context, catalogue.ForTheProgram(asked), cancellationToken).ConfigureAwait(false))
        {
            mistakes.Add(catalogue.Refused(name, asked[name], ServerSpeech.Reason(said)));
        }

        var folder = await connections.AskAsync(main => ReadOneAsync(main, LibraryFolder, cancellationToken), cancellationToken).ConfigureAwait(false);
        mistakes.AddRange(PreloadedLibraries
            .FindMissing(asked, catalogue.ValueOf(asked, "dynamic_library_path") ?? "$libdir", folder, File.Exists)
            .Select(missing => ServerCatalogue.Missing(missing.Parameter, missing.Library)));
        if (question.PgHba.Count > 0)
        {
            mistakes.AddRange(await new HbaTrial(context, connections).FindMistakesAsync(question.PgHba, cancellationToken).ConfigureAwait(false));
        }

        return new SettingsAnswer
        {
            Question = question.Id,
            Mistakes = mistakes.Order(StringComparer.Ordinal).ToValueList(),
            NeedRestart = catalogue.NeedRestart(asked),
        };
    }

    private static async Task<List<ServerParameter>> ReadCatalogueAsync(NpgsqlConnection main, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(Catalogue, main);
        await using var commandEnd = command.ConfigureAwait(false);
        var rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var rowsEnd = rows.ConfigureAwait(false);
        var parameters = new List<ServerParameter>();
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            parameters.Add(new ServerParameter(rows.GetString(0), rows.GetString(1), rows.GetString(2), rows.GetString(3))
            {
                Unit = rows.GetString(4),
                Least = rows.GetString(5),
                Most = rows.GetString(6),
                Words = [.. rows.GetString(7).Split('\n', StringSplitOptions.RemoveEmptyEntries)],
            });
        }

        return parameters;
    }

    private static async Task<string> ReadOneAsync(NpgsqlConnection main, string question, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(question, main);
        await using var commandEnd = command.ConfigureAwait(false);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string ?? "";
    }
}
