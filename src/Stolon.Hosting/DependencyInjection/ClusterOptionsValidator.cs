using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Stolon.Hosting.DependencyInjection;

/// <summary>Checks everything that was registered for one cluster at start, and reports every mistake at once.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="services">Where the options are.</param>
internal sealed class ClusterOptionsValidator(ClusterRegistration cluster, IServiceProvider services)
    : IValidateOptions<StolonOptions>
{
    private static readonly TimeSpan ShortestStop = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestStop = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, StolonOptions options)
    {
        if (name != cluster.Name)
        {
            return ValidateOptionsResult.Skip;
        }

        ImmutableArray<string> mistakes =
        [
            .. Own(options), .. Misspelt(), .. Store(), .. cluster.Roles.SelectMany(Role), .. cluster.Roles.SelectMany(TakenPorts),
        ];
        return mistakes.IsEmpty ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
    }

    /// <summary>Runs a check; a value that could not even be read is a mistake like others.</summary>
    private static ImmutableArray<string> Guarded(Func<IEnumerable<string>> check)
    {
        try
        {
            return [.. check()];
        }
        catch (OptionsValidationException exception)
        {
            return [.. exception.Failures];
        }
        catch (InvalidOperationException exception)
        {
            // The configuration binder says so when a value has another type, and names its key.
            return [exception.InnerException is null ? exception.Message : $"{exception.Message} {exception.InnerException.Message}"];
        }
    }

    private IEnumerable<string> Own(StolonOptions options)
    {
        if (options.StopTimeout < ShortestStop || options.StopTimeout > LongestStop)
        {
            yield return $"{cluster.Name}: StopTimeout: {options.StopTimeout} is out of range; give 1 second to 10 minutes.";
        }
    }

    private IEnumerable<string> Misspelt() => cluster.Section is { } section
        ? ConfigurationSections.FindUnknown(section, typeof(StolonOptions), ConfigurationSections.Parts).Select(mistake => $"{section.Path}: {mistake}")
        : [];

    private ImmutableArray<string> Store() =>
        cluster.Store is { } store
            ? Guarded(() => store.FindMistakes(services))
            : [$"{cluster.Name}: no store; choose one, for example with UseEmbeddedStore(\"/var/lib/{cluster.Name}/store.db\")."];

    private IEnumerable<string> Role(RoleRegistration role) =>
        Guarded(() => role.FindMistakes(services)).Select(mistake => $"{role.Label}: {mistake}");

    /// <summary>Of two roles on one port, whatever their clusters, the one that was registered later gets the mistake.</summary>
    private IEnumerable<string> TakenPorts(RoleRegistration role)
    {
        var earlier = services.GetKeyedServices<ClusterRegistration>(KeyedService.AnyKey)
            .SelectMany(other => other.Roles)
            .TakeWhile(other => other != role);
        return ListensOn(role) is { } point && earlier.FirstOrDefault(other => ListensOn(other)?.Excludes(point) == true) is { } taker
            ? [$"{role.Label}: Port: {taker.Label} of this process listens on port {point.Port} already; give each a port of its own."]
            : [];
    }

    private ListenPoint? ListensOn(RoleRegistration role)
    {
        ListenPoint? point = null;
        Guarded(() =>
        {
            // What cannot even be read is named by the check of the role itself.
            point = role.ListensOn(services);
            return [];
        });
        return point;
    }
}
