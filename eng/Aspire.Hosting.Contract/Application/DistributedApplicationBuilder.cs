using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <summary>The builder over a host that is never started.</summary>
public class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private static readonly Dictionary<string, string> Switches = new(StringComparer.OrdinalIgnoreCase)
    {
        ["--operation"] = "AppHost:Operation",
        ["--publisher"] = "Publishing:Publisher",
        ["--output-path"] = "Pipeline:OutputPath",
    };

    private readonly HostApplicationBuilder host;
    private readonly DistributedApplicationExecutionContextOptions executionContextOptions;

    public DistributedApplicationBuilder(string[] args)
        : this(new DistributedApplicationOptions { Args = args })
    {
    }

    public DistributedApplicationBuilder(DistributedApplicationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);

        AppHostAssembly = options.AssemblyName is { } name ? Assembly.Load(name) : Assembly.GetEntryAssembly();
        AppHostDirectory = options.ProjectDirectory ?? Directory.GetCurrentDirectory();
        host = new HostApplicationBuilder(new HostApplicationBuilderSettings
        {
            DisableDefaults = true,
            ApplicationName = AppHostAssembly?.GetName().Name,
            ContentRootPath = Directory.Exists(AppHostDirectory) ? AppHostDirectory : null,
        });
        host.Configuration.AddEnvironmentVariables().AddCommandLine(options.Args ?? [], Switches);
        host.Configuration["AppHost:Directory"] = AppHostDirectory;
        host.Configuration["AppHost:Sha256"] = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(AppHostDirectory)));
        executionContextOptions = Operation(host.Configuration);
        ExecutionContext = new DistributedApplicationExecutionContext(executionContextOptions);
        AddServices();
    }

    public ConfigurationManager Configuration => host.Configuration;

    public string AppHostDirectory { get; }

    public string AppHostPath => Path.Combine(AppHostDirectory, Environment.ApplicationName);

    public Assembly? AppHostAssembly { get; }

    public IHostEnvironment Environment => host.Environment;

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
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);

        return new ResourceBuilder<T>(this, resource);
    }

    public DistributedApplication Build()
    {
        var application = new DistributedApplication(host.Build());
        executionContextOptions.ServiceProvider = application.Services;
        return application;
    }

    private static DistributedApplicationExecutionContextOptions Operation(ConfigurationManager configuration)
    {
        var publisher = configuration["Publishing:Publisher"];
        var publish = configuration["AppHost:Operation"] is { } operation
            ? Enum.Parse<DistributedApplicationOperation>(operation, ignoreCase: true) == DistributedApplicationOperation.Publish
            : string.Equals(publisher, "manifest", StringComparison.OrdinalIgnoreCase);

        return publish
            ? new DistributedApplicationExecutionContextOptions(DistributedApplicationOperation.Publish, publisher ?? "manifest")
            : new DistributedApplicationExecutionContextOptions(DistributedApplicationOperation.Run);
    }

    private void AddServices()
    {
        Services.AddSingleton(Eventing);
        Services.AddSingleton(ExecutionContext);
        Services.AddSingleton(_ => new DistributedApplicationModel(Resources));
        Services.AddSingleton<ResourceLoggerService>();
        Services.AddSingleton(services => new ResourceNotificationService(
            services.GetRequiredService<ILogger<ResourceNotificationService>>(),
            services.GetRequiredService<IHostApplicationLifetime>(),
            services,
            services.GetRequiredService<ResourceLoggerService>()));
        Services.AddSingleton(services => new ResourceCommandService(
            services.GetRequiredService<DistributedApplicationModel>(), services.GetRequiredService<ResourceLoggerService>(), services));
    }
}
