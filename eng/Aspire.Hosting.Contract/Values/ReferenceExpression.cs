using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Text with values in it that become known later.</summary>
public class ReferenceExpression : IExpressionValue
{
    internal const string NoFormat = "An expression inside another takes no format: write its parts out.";

    private readonly string format;
    private readonly IReadOnlyList<ExpressionPart> parts;

    internal ReferenceExpression(string format, IReadOnlyList<ExpressionPart> parts) => (this.format, this.parts) = (format, parts);

    public string ValueExpression => Filled(parts.Select(part => part.Expression));

    /// <summary>As the manifest has it: a parameter that is escaped goes by another name there.</summary>
    internal string ManifestExpression => Filled(parts.Select(part => part is { Provider: ParameterResource parameter, Format: { } filter }
        ? $"{{{parameter.Name}-{filter}-encoded.value}}"
        : part.Expression));

    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => handler.Expression();

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => GetValueAsync(new ValueProviderContext(), cancellationToken);

    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken)
    {
        var values = new List<string?>(parts.Count);
        foreach (var part in parts)
        {
            var value = await part.Provider.GetValueAsync(context, cancellationToken).ConfigureAwait(false);
            values.Add(ExpressionParts.Formatted(value, part.Format));
        }

        return Filled(values);
    }

    private string Filled(IEnumerable<string?> values) => string.Format(CultureInfo.InvariantCulture, format, [.. values]);

    [InterpolatedStringHandler]
    public ref struct ExpressionInterpolatedStringHandler(int literalLength, int formattedCount)
    {
        private readonly ExpressionParts parts = new(literalLength + formattedCount);

        public readonly void AppendLiteral(string value) => parts.AddText(value);

        public readonly void AppendFormatted(string? value) => parts.AddText(value);

        public readonly void AppendFormatted<T>(T valueProvider)
            where T : IValueProvider, IManifestExpressionProvider => parts.AddValue(valueProvider, valueProvider.ValueExpression, null);

        public readonly void AppendFormatted<T>(T valueProvider, string? format = null)
            where T : IValueProvider, IManifestExpressionProvider => parts.AddValue(valueProvider, valueProvider.ValueExpression, format);

        [Obsolete(NoFormat, error: true)]
        public readonly void AppendFormatted(ReferenceExpression valueProvider, string format) => throw new InvalidOperationException(NoFormat);

        internal readonly ReferenceExpression Expression() => parts.Build();
    }
}

/// <summary>Puts an expression together piece by piece.</summary>
public class ReferenceExpressionBuilder
{
    private readonly ExpressionParts parts = new(capacity: 64);

    /// <summary>The handler has appended the pieces by the time this is called.</summary>
    public void Append([InterpolatedStringHandlerArgument("")] in ReferenceExpressionBuilderInterpolatedStringHandler handler)
    {
        // Nothing is left to do.
    }

    public void AppendLiteral(string value) => parts.AddRaw(value);

    public ReferenceExpression Build() => parts.Build();

    [InterpolatedStringHandler]
    public ref struct ReferenceExpressionBuilderInterpolatedStringHandler
    {
        private readonly ExpressionParts parts;

        public ReferenceExpressionBuilderInterpolatedStringHandler(int literalLength, int formattedCount, ReferenceExpressionBuilder builder) =>
            parts = builder.parts;

        public readonly void AppendLiteral(string value) => parts.AddRaw(value);

        public readonly void AppendFormatted(string? value) => parts.AddRaw(value);

        public readonly void AppendFormatted(string? value, string format) => parts.AddRaw(ExpressionParts.Formatted(value, format));

        public readonly void AppendFormatted<T>(T valueProvider)
            where T : IValueProvider, IManifestExpressionProvider => parts.AddValue(valueProvider, valueProvider.ValueExpression, null);

        public readonly void AppendFormatted<T>(T valueProvider, string? format)
            where T : IValueProvider, IManifestExpressionProvider => parts.AddValue(valueProvider, valueProvider.ValueExpression, format);

        [Obsolete(ReferenceExpression.NoFormat, error: true)]
        public readonly void AppendFormatted(ReferenceExpression valueProvider, string format) =>
            throw new InvalidOperationException(ReferenceExpression.NoFormat);
    }
}

internal sealed record ExpressionPart(IValueProvider Provider, string Expression, string? Format);

/// <summary>An expression while it is being put together: a composite format string, and its values.</summary>
internal sealed class ExpressionParts(int capacity)
{
    private readonly StringBuilder text = new(capacity);
    private readonly List<ExpressionPart> parts = [];

    public static string? Formatted(string? value, string? format) => format switch
    {
        null => value,
        "uri" => value is null ? null : Uri.EscapeDataString(value),
        _ => throw new FormatException($"The format '{format}' is not supported."),
    };

    /// <summary>Text in which braces stand for themselves.</summary>
    public void AddText(string? value) => text.Append(value?.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));

    /// <summary>A piece of a composite format string, as it is.</summary>
    public void AddRaw(string? value) => text.Append(value);

    public void AddValue(IValueProvider provider, string expression, string? format)
    {
        text.Append(CultureInfo.InvariantCulture, $"{{{parts.Count}}}");
        parts.Add(new(provider, expression, format));
    }

    public ReferenceExpression Build() => new(text.ToString(), [.. parts]);
}
