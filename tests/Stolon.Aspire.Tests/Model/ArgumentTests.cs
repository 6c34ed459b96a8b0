using System.Reflection;
using Aspire.Hosting;

namespace Stolon.Aspire.Tests.Model;

/// <summary>What is missing is named at once.</summary>
public sealed class ArgumentTests
{
    public static TheoryData<string> Methods => [.. Extensions().Select(Signature)];

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_method_without_its_builder_says_so(string signature)
    {
        var method = Extensions().Single(one => Signature(one) == signature);
        object?[] arguments = [.. method.GetParameters().Select((parameter, at) => at == 0 ? null : Some(parameter.ParameterType))];

        FluentActions.Invoking(() => method.Invoke(null, arguments)).Should().Throw<TargetInvocationException>()
            .WithInnerException<ArgumentNullException>().WithParameterName("builder");
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void Names_are_required(string? name)
    {
        var builder = Apps.ToRun();
        var cluster = builder.AddClusterOfContainers();

        FluentActions.Invoking(() => builder.AddStolonCluster(name!)).Should().Throw<ArgumentException>().WithParameterName(nameof(name));
        FluentActions.Invoking(() => cluster.AddDatabase(name!)).Should().Throw<ArgumentException>().WithParameterName(nameof(name));
        FluentActions.Invoking(() => cluster.AddReadReplicas(name!)).Should().Throw<ArgumentException>().WithParameterName(nameof(name));
        FluentActions.Invoking(() => cluster.WithPgParameter(name!, "1")).Should().Throw<ArgumentException>().WithParameterName(nameof(name));
        FluentActions.Invoking(() => cluster.WithDataBindMount(name!)).Should().Throw<ArgumentException>().WithParameterName("source");
        FluentActions.Invoking(() => cluster.WithPostgresVersion(name!)).Should().Throw<ArgumentException>().WithParameterName("version");
    }

    private static IEnumerable<MethodInfo> Extensions() =>
        typeof(StolonClusterBuilderExtensions).Assembly.GetExportedTypes().Where(type => type.Namespace == "Aspire.Hosting" && type is { IsAbstract: true, IsSealed: true })
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static));

    private static string Signature(MethodInfo method) => $"{method.Name}({string.Join(", ", method.GetParameters().Select(parameter => parameter.ParameterType.Name))})";

    private static object? Some(Type type) =>
        type == typeof(string) ? "some" : type == typeof(int) ? 1 : type.IsValueType ? Activator.CreateInstance(type) : null;
}
