using System.Globalization;
using System.Runtime.CompilerServices;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Text with values in it that become known later.</summary>
public class ReferenceExpression : IExpressionValue, IValueWithReferences
{
    internal const string NoFormat =
        "An expression inside another takes no format: write its parts out.";

    public static readonly ReferenceExpression Empty = new(string.Empty, [], [], []);

    internal ReferenceExpression(
        string format, IReadOnlyList<IValueProvider> valueProviders, IReadOnlyList<string> manifestExpressions, IReadOnlyList<string?> stringFormats)
    {
        Format = format;
        ValueProviders = valueProviders;
        ManifestExpressions = manifestExpressions;
        StringFormats = stringFormats;
    }

    /// <summary>A composite format string: "Host={0};Port={1}".</summary>
    public string Format { get; }

    public IReadOnlyList<IValueProvider> ValueProviders { get; }

    public IReadOnlyList<string> ManifestExpressions { get; }

    /// <summary>For each value how it is written: null as it is, "uri" escaped for a URI.</summary>
    public IReadOnlyList<string?> StringFormats { get; }

    public string ValueExpression => Filled(ManifestExpressions);

    IEnumerable<object> IValueWithReferences.References => ValueProviders;

    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => handler.Expression();

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => GetValueAsync(new ValueProviderContext(), cancellationToken);

    /// <returns>Null when the expression is empty.</returns>
    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken)
    {
        if (Format.Length == 0)
        {
            return null;
        }

        var values = new List<string?>(ValueProviders.Count);
        for (var i = 0; i < ValueProviders.Count; i++)
        {
            var value = await ValueProviders[i].GetValueAsync(context, cancellationToken).ConfigureAwait(false);
            values.Add(value is not null && StringFormats[i] is { } format ? ExpressionParts.Formatted(value, format) : value);
        }

        return Filled(values);
    }

    /// <summary>The text with these in place of the values.</summary>
    internal string Filled(IEnumerable<string?> values) => string.Format(CultureInfo.InvariantCulture, Format, [.. values]);

    [InterpolatedStringHandler]
    public ref struct ExpressionInterpolatedStringHandler(int literalLength, int formattedCount)
    {
        private readonly ExpressionParts parts = new(literalLength + formattedCount);

        public readonly void AppendLiteral(string value) => parts.AddText(value);

        public readonly void AppendFormatted(string? value) => parts.AddText(value);

        public readonly void AppendFormatted(string? value, string? format = null) => parts.AddText(value, format);

        public readonly void AppendFormatted<T>(T valueProvider)
            where T : IValueProvider, IManifestExpressionProvider => parts.AddValue(valueProvider, valueProvider.ValueExpression, null);

        public readonly void AppendFormatted<T>(T valueProvider, string? format = null)
            where T : IValueProvider, IManifestExpressionProvider => parts.AddValue(valueProvider, valueProvider.ValueExpression, format);

        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider)
            where T : IResource, IValueProvider, IManifestExpressionProvider => AppendFormatted(valueProvider, null);

        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider, string? format = null)
            where T : IResource, IValueProvider, IManifestExpressionProvider =>
            parts.AddValue(valueProvider.Resource, valueProvider.Resource.ValueExpression, format);

        [Obsolete(NoFormat, error: true)]
        public readonly void AppendFormatted(ReferenceExpression valueProvider, string format) => throw new InvalidOperationException(NoFormat);

        internal readonly ReferenceExpression Expression() => parts.Build();
    }
}
