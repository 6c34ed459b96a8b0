using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static class VolumeNameGenerator
{
    private const int HashLength = 10;

    /// <summary>"application-hash-resource-suffix": the same for one application host, another for another.</summary>
    /// <exception cref="ArgumentException">The suffix has characters that a volume's name cannot have.</exception>
    public static string Generate<T>(IResourceBuilder<T> builder, string suffix)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(suffix);
        if (!suffix.All(Valid))
        {
            throw new ArgumentException($"A volume cannot be called '{suffix}': letters, digits, '_', '.' and '-' are allowed.", nameof(suffix));
        }

        var application = string.Concat(builder.ApplicationBuilder.Environment.ApplicationName.Select(letter => Valid(letter) ? letter : '_'));
        var hash = builder.ApplicationBuilder.Configuration["AppHost:Sha256"]![..HashLength];
        return $"{application.ToLowerInvariant()}-{hash.ToLowerInvariant()}-{builder.Resource.Name}-{suffix}";

        static bool Valid(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '.' or '-';
    }
}
