using System.Globalization;

namespace Stolon.Hosting.Postgres;

/// <summary>
/// A container may run as any number. Alone <c>initdb</c> wants a name for it, and nss_wrapper, which PostgreSQL's official image has for this, makes one up.
/// </summary>
internal sealed class NamelessUser : IDisposable
{
    private const string Library = "libnss_wrapper.so";
    private static readonly string[] LibraryFolders = ["lib64", "lib"];

    private readonly SecretFile users;
    private readonly SecretFile groups;

    private NamelessUser(string library, PostgresContext context)
    {
        var number = context.Owner.User.ToString(CultureInfo.InvariantCulture);
        users = SecretFile.Create(context.Folder, context.Owner, $"stolon:x:{number}:{number}::/:/bin/sh\n");
        groups = SecretFile.Create(context.Folder, context.Owner, $"stolon:x:{number}:\n");
        Environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["LD_PRELOAD"] = library,
            ["NSS_WRAPPER_PASSWD"] = users.Path,
            ["NSS_WRAPPER_GROUP"] = groups.Path,
        };
    }

    /// <summary>What gives the user its name.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>Makes up a name.</summary>
    /// <param name="context">Whose owner is the user.</param>
    /// <returns>null = the user has one, or there is no nss_wrapper.</returns>
    public static NamelessUser? For(PostgresContext context) =>
        context.Owner is { IsOther: false } owner && owner.Name == owner.User.ToString(CultureInfo.InvariantCulture) && FindLibrary("/usr") is { } library
            ? new NamelessUser(library, context)
            : null;

    /// <summary>Finds nss_wrapper where distributions have libraries.</summary>
    /// <param name="root">As a rule <c>/usr</c>.</param>
    /// <returns>Its path; null = it is not there.</returns>
    public static string? FindLibrary(string root) =>
        LibraryFolders.Select(name => Path.Combine(root, name)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateDirectories(folder, "*-linux-gnu").Prepend(folder))
            .Select(folder => Path.Combine(folder, Library)).FirstOrDefault(File.Exists);

    /// <inheritdoc/>
    public void Dispose()
    {
        users.Dispose();
        groups.Dispose();
    }
}
