using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static class ParameterResourceBuilderExtensions
{
    /// <summary>Enough for 128 bits of the 67 characters.</summary>
    private const int PasswordLengthMin = 22;

    /// <summary>A parameter whose value is "Parameters:name" of the configuration.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder.AddResource(new ParameterResource(name, Configured(builder, $"Parameters:{name}"), secret));
    }

    /// <exception cref="ArgumentException">The value would be published although it is secret.</exception>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string value, bool publishValueAsDefault = false, bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (publishValueAsDefault && secret)
        {
            throw new ArgumentException("A secret is not published.", nameof(secret));
        }

        return builder.AddResource(new ParameterResource(name, () => value, secret));
    }

    /// <summary>A connection string that is "ConnectionStrings:name" of the configuration.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string? environmentVariableName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder.AddResource(
            new ConnectionStringParameterResource(name, Configured(builder, $"ConnectionStrings:{name}"), environmentVariableName));
    }

    /// <summary>A secret that is generated where the configuration has no value. It is not added to the application.</summary>
    public static ParameterResource CreateDefaultPasswordParameter(
        IDistributedApplicationBuilder builder,
        string name,
        bool lower = true,
        bool upper = true,
        bool numeric = true,
        bool special = true,
        int minLower = 0,
        int minUpper = 0,
        int minNumeric = 0,
        int minSpecial = 0)
    {
        ArgumentNullException.ThrowIfNull(builder);

        (bool Allowed, int Min, string Characters)[] kinds =
        [
            (lower, minLower, "abcdefghjkmnpqrstuvwxyz"),
            (upper, minUpper, "ABCDEFGHJKMNPQRSTUVWXYZ"),
            (numeric, minNumeric, "0123456789"),
            (special, minSpecial, "-_.{}~()*+!"),
        ];
        return new ParameterResource(name, Configured(builder, $"Parameters:{name}", Generated), secret: true);

        string Generated()
        {
            var required = kinds.SelectMany(kind => RandomNumberGenerator.GetItems<char>(kind.Characters, kind.Min)).ToArray();
            var all = string.Concat(kinds.Where(kind => kind.Allowed).Select(kind => kind.Characters));
            char[] password = [.. required, .. RandomNumberGenerator.GetItems<char>(all, Math.Max(0, PasswordLengthMin - required.Length))];
            RandomNumberGenerator.Shuffle<char>(password);
            return new string(password);
        }
    }

    private static Func<string> Configured(IDistributedApplicationBuilder builder, string key, Func<string>? standard = null) =>
        () => builder.Configuration[key] ?? standard?.Invoke() ?? throw new DistributedApplicationException($"The configuration has no value '{key}'.");
}
