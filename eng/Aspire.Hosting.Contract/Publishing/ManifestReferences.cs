using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>What the entries of a manifest refer to: other resources, and parameters in another form ("password-uri-encoded").</summary>
internal sealed class ManifestReferences
{
    private readonly Dictionary<string, IResource> referenced = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(ParameterResource Parameter, string Format, string Name)> formatted = [];
    private readonly HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);

    public void Reserve(IEnumerable<IResource> resources) => names.UnionWith(resources.Select(resource => resource.Name));

    /// <summary>The resources that are referred to and not among these.</summary>
    public IReadOnlyList<IResource> Beside(IEnumerable<IResource> resources) =>
        [.. referenced.Values.ExceptBy(resources.Select(resource => resource.Name), resource => resource.Name, StringComparer.OrdinalIgnoreCase)];

    public void Add(object? value) => Add(value, []);

    public string? Text(EvaluatedValue value) => value.Given is ReferenceExpression expression ? Text(expression) : value.Text;

    /// <summary>The expression as the manifest says it; a parameter with a format is one of its own.</summary>
    public string Text(ReferenceExpression expression) => expression.Filled(expression.ManifestExpressions.Select((plain, i) =>
        expression.StringFormats[i] is { Length: > 0 } format && Parameter(expression.ValueProviders[i]) is { } parameter
            ? $"{{{FormattedName(parameter, format)}.value}}"
            : plain));

    /// <summary>Writes the other forms of this parameter, or of all that are left.</summary>
    public void WriteFormatted(Utf8JsonWriter writer, ParameterResource? only)
    {
        var written = formatted.Where(entry => only is null || entry.Parameter == only).ToList();
        foreach (var (parameter, format, name) in written)
        {
            writer.WriteStartObject(name);
            writer.WriteString("type", "annotated.string");
            writer.WriteString("value", parameter.ValueExpression);
            writer.WriteString("filter", format);
            writer.WriteEndObject();
        }

        formatted.RemoveAll(written.Contains);
    }

    private static ParameterResource? Parameter(IValueProvider provider) => provider switch
    {
        ParameterResource parameter => parameter,
        ReferenceExpression { Format: "{0}", ValueProviders: [ParameterResource parameter] } => parameter,
        _ => null,
    };

    private void Add(object? value, HashSet<object> path)
    {
        if (value is ReferenceExpression expression)
        {
            Text(expression);
        }

        if (value is IResource resource)
        {
            referenced.TryAdd(resource.Name, resource);
            names.Add(resource.Name);
        }
        else if (value is IValueWithReferences composed && path.Add(value))
        {
            foreach (var part in composed.References)
            {
                Add(part, path);
            }

            path.Remove(value);
        }
    }

    private string FormattedName(ParameterResource parameter, string format)
    {
        if (formatted.Find(entry => entry.Parameter == parameter && string.Equals(entry.Format, format, StringComparison.Ordinal)).Name is { } known)
        {
            return known;
        }

        var name = $"{parameter.Name}-{format.ToLowerInvariant()}-encoded";
        for (var i = 1; !names.Add(name); i++)
        {
            name = $"{parameter.Name}-{format.ToLowerInvariant()}-encoded-{i}";
        }

        formatted.Add((parameter, format, name));
        return name;
    }
}
