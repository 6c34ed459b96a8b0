using Npgsql;

namespace Stolon.Comparison.Measuring;

/// <summary>Connections to PostgreSQL.</summary>
internal static class Sessions
{
    /// <summary>Opens one.</summary>
    /// <exception cref="NpgsqlException">It cannot be had.</exception>
    public static async Task<NpgsqlConnection> OpenAsync(string text)
    {
        var connection = new NpgsqlConnection(text);
        try
        {
            await connection.OpenAsync();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
