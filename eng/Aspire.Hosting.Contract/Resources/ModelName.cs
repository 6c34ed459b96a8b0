namespace Aspire.Hosting.ApplicationModel;

public interface IModelNameParameter;

[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ResourceNameAttribute : Attribute, IModelNameParameter;

[AttributeUsage(AttributeTargets.Parameter)]
public sealed class EndpointNameAttribute : Attribute, IModelNameParameter;

/// <summary>What a resource or an endpoint may be called.</summary>
internal static class ModelName
{
    private const int LengthMax = 64;

    public static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    public static void Validate(string kind, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);

        if (Fault(name) is { } fault)
        {
            throw new ArgumentException($"{kind} name '{name}' is invalid. {fault}", nameof(name));
        }
    }

    private static string? Fault(string name) => name switch
    {
        { Length: > LengthMax } => $"It has more than {LengthMax} characters.",
        _ when !char.IsAsciiLetter(name[0]) => "It does not begin with an ASCII letter.",
        _ when !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-') => "It has other characters than ASCII letters, digits and hyphens.",
        _ when name.Contains("--", StringComparison.Ordinal) => "It has two hyphens in a row.",
        _ when name.EndsWith('-') => "It ends with a hyphen.",
        _ => null,
    };
}
