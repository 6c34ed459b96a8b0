using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <summary>Collects the resources and services of an application.</summary>
public interface IDistributedApplicationBuilder
{
    ConfigurationManager Configuration { get; }

    string AppHostDirectory { get; }

    IServiceCollection Services { get; }

    IDistributedApplicationEventing Eventing { get; }

    DistributedApplicationExecutionContext ExecutionContext { get; }

    IResourceCollection Resources { get; }

    /// <exception cref="DistributedApplicationException">The name is taken.</exception>
    IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource;

    IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource;

    DistributedApplication Build();
}

/// <summary>The builder over a host that is never started.</summary>
internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private const string OperationKey = "AppHost:Operation";

    private readonly HostApplicationBuilder host = new(new HostApplicationBuilderSettings { DisableDefaults = true });

    public DistributedApplicationBuilder(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);

        Configuration.AddEnvironmentVariables()
            .AddCommandLine(args, new Dictionary<string, string>(StringComparer.Ordinal) { ["--operation"] = OperationKey });
        ExecutionContext = new DistributedApplicationExecutionContext(
            Enum.Parse<DistributedApplicationOperation>(Configuration[OperationKey] ?? nameof(DistributedApplicationOperation.Run), ignoreCase: true));
        Services.AddSingleton(Eventing);
        Services.AddSingleton(ExecutionContext);
        Services.AddSingleton(new DistributedApplicationModel(Resources));
        Services.AddSingleton(new ResourceNotificationService());
        Services.AddSingleton(new ResourceCommandService());
        Services.AddSingleton(services => new ResourceLoggerService(services.GetRequiredService<ILoggerFactory>()));
    }

    public ConfigurationManager Configuration => host.Configuration;

    public string AppHostDirectory { get; } = Directory.GetCurrentDirectory();

    public IServiceCollection Services => host.Services;

    public IDistributedApplicationEventing Eventing { get; } = new DistributedApplicationEventing();

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public IResourceCollection Resources { get; } = new ResourceCollection();

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);

        ModelName.Validate(nameof(Resource), resource.Name);
        if (Resources.FirstOrDefault(known => ModelName.Same(known.Name, resource.Name)) is { } taken)
        {
            throw new DistributedApplicationException(
                $"There is a {taken.GetType().Name} called '{taken.Name}' already: no {resource.GetType().Name} '{resource.Name}' can be added, in whatever case.");
        }

        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource => new ResourceBuilder<T>(this, resource);

    public DistributedApplication Build() => new(host.Build());
}
