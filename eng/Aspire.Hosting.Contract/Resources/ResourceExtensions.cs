using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

public static class ResourceExtensions
{
    public static bool TryGetLastAnnotation<T>(this IResource resource, [NotNullWhen(true)] out T? annotation)
        where T : IResourceAnnotation
    {
        ArgumentNullException.ThrowIfNull(resource);

        annotation = resource.Annotations.OfType<T>().LastOrDefault();
        return annotation is not null;
    }

    /// <summary>The environment as the process would see it; in publish mode as the manifest says it.</summary>
    public static async ValueTask<Dictionary<string, string>> GetEnvironmentVariableValuesAsync(
        this IResourceWithEnvironment resource, DistributedApplicationOperation applicationOperation = DistributedApplicationOperation.Run)
    {
        ArgumentNullException.ThrowIfNull(resource);

        var context = new ValueProviderContext { Caller = resource };
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, given) in resource.Variables())
        {
            var text = given switch
            {
                IManifestExpressionProvider expression when applicationOperation == DistributedApplicationOperation.Publish => expression.ValueExpression,
                IValueProvider provider => await provider.GetValueAsync(context, CancellationToken.None).ConfigureAwait(false),
                _ => Convert.ToString(given, CultureInfo.InvariantCulture),
            };
            if (text is not null)
            {
                values[name] = text;
            }
        }

        return values;
    }

    /// <summary>The arguments as the process would see them.</summary>
    public static ValueTask<string[]> GetArgumentValuesAsync(
        this IResourceWithArgs resource, DistributedApplicationOperation applicationOperation = DistributedApplicationOperation.Run)
    {
        ArgumentNullException.ThrowIfNull(resource);

        return new([.. resource.Annotations.OfType<ArgumentsAnnotation>().SelectMany(annotation => annotation.Arguments)]);
    }

    /// <summary>What the environment callbacks give: text, or something that has a value.</summary>
    internal static Dictionary<string, object> Variables(this IResource resource)
    {
        var context = new EnvironmentCallbackContext();
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToList())
        {
            annotation.Callback(context);
        }

        return context.EnvironmentVariables;
    }

    /// <summary>Adds a fact beside others of its kind.</summary>
    internal static IResourceBuilder<T> Annotated<T>(this IResourceBuilder<T> builder, IResourceAnnotation annotation)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);

        builder.Resource.Annotations.Add(annotation);
        return builder;
    }

    /// <summary>Adds a fact in place of others of its kind.</summary>
    internal static IResourceBuilder<T> AnnotatedOnce<T, TAnnotation>(
        this IResourceBuilder<T> builder, TAnnotation annotation, Func<TAnnotation, bool>? replaced = null)
        where T : IResource
        where TAnnotation : IResourceAnnotation
    {
        ArgumentNullException.ThrowIfNull(builder);

        foreach (var old in builder.Resource.Annotations.OfType<TAnnotation>().Where(replaced ?? (_ => true)).ToList())
        {
            builder.Resource.Annotations.Remove(old);
        }

        return builder.Annotated(annotation);
    }
}
