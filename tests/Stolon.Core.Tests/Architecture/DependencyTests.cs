using System.Reflection;
using System.Text.RegularExpressions;
using Stolon.Cluster;

namespace Stolon.Core.Tests.Architecture;

/// <summary>The arrows of docs/architecture.md: what may know what.</summary>
public partial class DependencyTests
{
    private static readonly Dictionary<string, string[]> ProjectArrows = new(StringComparer.Ordinal)
    {
        ["Stolon.Core"] = [],
        ["Stolon.Hosting"] = ["Stolon.Core"],
        ["Stolon.AspNetCore"] = ["Stolon.Hosting"],
        ["Stolon.Kubernetes"] = ["Stolon.Hosting"],
        ["Stolon.Aspire"] = ["Stolon.Hosting", "Aspire.Hosting.Contract"],
        ["Stolon.Cli"] = ["Stolon.Hosting", "Stolon.AspNetCore", "Stolon.Kubernetes"],
    };

    /// <summary>Package names, or beginnings that end with a dot.</summary>
    private static readonly Dictionary<string, string[]> PackageArrows = new(StringComparer.Ordinal)
    {
        ["Stolon.Core"] = [],
        ["Stolon.Hosting"] =
        [
            "Npgsql", "Npgsql.OpenTelemetry", "OpenTelemetry.Extensions.Hosting", "dotnet-etcd", "Microsoft.Data.Sqlite", "Microsoft.Extensions.",
        ],
        ["Stolon.AspNetCore"] = ["Yarp.ReverseProxy", "Microsoft.AspNetCore.App"],
        ["Stolon.Kubernetes"] = ["KubernetesClient"],
        ["Stolon.Aspire"] = ["Aspire.Hosting"],
        ["Stolon.Cli"] = ["System.CommandLine", "Spectre.Console", "Microsoft.Extensions.Hosting", "Microsoft.AspNetCore.App"],
    };

    /// <summary>
    /// The folders of Core are its namespaces. Planning knows Observation because the memory of what was seen is handed from one to the other.
    /// </summary>
    private static readonly Dictionary<string, string[]> FolderArrows = new(StringComparer.Ordinal)
    {
        ["Cluster"] = [],
        ["Postgres"] = ["Cluster"],
        ["Storage"] = ["Cluster"],
        ["Observation"] = ["Cluster", "Postgres"],
        ["Planning"] = ["Cluster", "Postgres", "Observation"],
        ["Convergence"] = ["Cluster", "Postgres"],
        ["Routing"] = ["Cluster"],
    };

    [Fact]
    public void A_project_references_only_the_projects_that_it_may()
    {
        foreach (var (name, text) in Repository.Projects())
        {
            ProjectArrows.Should().ContainKey(name, "docs/architecture.md names every project");
            Repository.Includes(text, "ProjectReference").Should().BeSubsetOf(ProjectArrows[name], name);
        }
    }

    [Fact]
    public void A_project_references_only_the_packages_that_it_may()
    {
        foreach (var (name, text) in Repository.Projects())
        {
            Repository.Includes(text, "PackageReference").Concat(Repository.Includes(text, "FrameworkReference"))
                .Where(package => !PackageArrows[name].Any(allowed =>
                    allowed.EndsWith('.') ? package.StartsWith(allowed, StringComparison.Ordinal) : package == allowed))
                .Should().BeEmpty(name);
        }
    }

    [Fact]
    public void Core_is_built_on_the_base_library_alone() =>
        typeof(ClusterData).Assembly.GetReferencedAssemblies().Select(assembly => assembly.Name)
            .Should().OnlyContain(name => name!.StartsWith("System.", StringComparison.Ordinal) || name == "netstandard");

    [Fact]
    public void Core_does_no_IO_and_knows_no_clock()
    {
        string[] banned = ["System.IO.File", "System.Net.Http", "System.Net.Sockets.Socket", "System.Diagnostics.Process", "System.Threading.Timer"];
        var files = Repository.CSharp("src/Stolon.Core");

        files.Where(path => Repository.Text(path) is var text && (banned.Any(text.Contains) || IoCall().IsMatch(text))).Should().BeEmpty();
    }

    [Fact]
    public void Folders_of_Core_use_only_the_folders_that_they_may()
    {
        var wrong =
            from path in Repository.CSharp("src/Stolon.Core")
            let folder = path.Split('/')[2]
            from Match used in OurNamespace().Matches(Repository.Text(path))
            let other = used.Groups["name"].Value
            where other != folder && !FolderArrows[folder].Contains(other)
            select $"{path} uses {other}";

        wrong.Distinct().Should().BeEmpty();
    }

    [Fact]
    public void Types_of_Core_show_only_the_folders_that_they_may()
    {
        var wrong =
            from type in typeof(ClusterData).Assembly.GetTypes()
            let folder = Folder(type)
            where folder is not null
            from other in Shown(type).SelectMany(Parts).Select(Folder)
            where other is not null && other != folder && !FolderArrows[folder].Contains(other)
            select $"{type} shows {other}";

        wrong.Distinct().Should().BeEmpty();
    }

    [Fact, Trait("Rule", "M2")]
    public void Only_sentinels_and_administration_write_the_document_and_each_part_publishes_its_own_report_only()
    {
        Calling("TryWriteAsync|OverwriteAsync").Should().BeEquivalentTo("Sentinel", "Administration");
        Publishing("KeeperReport").Should().Equal("Keeper");
        Publishing("ProxyReport").Should().Equal("Proxy");
        Publishing("SentinelReport").Should().Equal("Sentinel");

        static IEnumerable<string> Calling(string methods) => Parts($@"\bstore\.({methods})\(");
        static IEnumerable<string> Publishing(string report) => Parts($@"\bnew {report}\b");
        static IEnumerable<string> Parts(string what) =>
            from path in Repository.CSharp("src/Stolon.Hosting")
            group path by path.Split('/')[2] into part
            where part.Key != "Stores" && part.Any(path => Regex.IsMatch(Repository.Text(path), what, RegexOptions.None, TimeSpan.FromSeconds(1)))
            select part.Key;
    }

    [Fact, Trait("Rule", "F5")]
    public void Nothing_that_a_pass_is_given_has_a_property_that_can_be_set()
    {
        var settable =
            from type in typeof(ClusterData).Assembly.GetTypes()
            where Folder(type) is "Cluster" or "Observation" or "Planning"
            where !type.IsAssignableTo(typeof(Exception))
            from property in type.GetProperties()
            where property.SetMethod is { } set
                && !set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(System.Runtime.CompilerServices.IsExternalInit))
            select $"{type}.{property.Name}";

        settable.Should().BeEmpty();
    }

    [Fact]
    public void A_namespace_is_its_folder()
    {
        var wrong =
            from path in Repository.CSharp("src/Stolon.Core")
            let folder = path.Split('/')[2]
            where FileNamespace().Match(Repository.Text(path)).Groups["name"].Value != folder
            select path;

        wrong.Should().BeEmpty();
    }

    private static string? Folder(Type type) => type.Namespace?.Split('.') is ["Stolon", var folder, ..] ? folder : null;

    private static IEnumerable<Type> Shown(Type type)
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        return type.GetFields(Declared).Select(field => field.FieldType)
            .Concat(type.GetMethods(Declared).SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType)))
            .Concat(type.GetConstructors(Declared).SelectMany(constructor => constructor.GetParameters().Select(parameter => parameter.ParameterType)))
            .Concat(type.GetInterfaces())
            .Append(type.BaseType ?? typeof(object));
    }

    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!) : type.GetGenericArguments().SelectMany(Parts).Append(type);

    [GeneratedRegex(@"\bStolon\.(?<name>Cluster|Postgres|Storage|Observation|Planning|Convergence)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OurNamespace();

    [GeneratedRegex(@"^namespace Stolon\.(?<name>\w+);", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex FileNamespace();

    [GeneratedRegex(@"(?<!\w)(File|Directory|Console|Environment)\.[A-Z]\w*\(", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IoCall();
}
