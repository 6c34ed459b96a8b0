using System.Globalization;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>An expression while it is being put together.</summary>
internal sealed class ExpressionParts(int capacity)
{
    private readonly StringBuilder text = new(capacity);
    private readonly List<IValueProvider> providers = [];
    private readonly List<string> expressions = [];
    private readonly List<string?> formats = [];

    public bool IsEmpty => text.Length == 0;

    public static string Formatted(string value, string format) => format.ToLowerInvariant() switch
    {
        "uri" => Uri.EscapeDataString(value),
        _ => throw new FormatException($"The format '{format}' is not supported."),
    };

    /// <summary>Text in which braces stand for themselves; doubled ones are left doubled.</summary>
    public void AddText(string? value, string? format = null)
    {
        var written = value is not null && format is not null ? Formatted(value, format) : value ?? string.Empty;
        for (var i = 0; i < written.Length; i++)
        {
            text.Append(written[i]);
            if (written[i] is '{' or '}')
            {
                text.Append(written[i]);
                i += i + 1 < written.Length && written[i + 1] == written[i] ? 1 : 0;
            }
        }
    }

    /// <summary>A piece of a composite format string, as it is.</summary>
    public void AddRaw(string? value, string? format = null) =>
        text.Append(value is not null && format is not null ? Formatted(value, format) : value);

    public void AddValue(IValueProvider provider, string expression, string? format)
    {
        text.Append(CultureInfo.InvariantCulture, $"{{{providers.Count}}}");
        providers.Add(provider);
        expressions.Add(expression);
        formats.Add(format);
    }

    public ReferenceExpression Build() => new(text.ToString(), [.. providers], [.. expressions], [.. formats]);
}
