using System.Collections.Immutable;
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

        var mistakes = Own(options).Concat(Store()).Concat(cluster.Roles.SelectMany(Role)).ToImmutableArray();
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

    private ImmutableArray<string> Store() =>
        cluster.Store is { } store
            ? Guarded(() => store.FindMistakes(services))
            : [$"{cluster.Name}: no store; choose one, for example with UseEmbeddedStore(\"/var/lib/{cluster.Name}/store.db\")."];

    private IEnumerable<string> Role(RoleRegistration role) =>
        Guarded(() => role.FindMistakes(services)).Select(mistake => $"{role.Label}: {mistake}");
}
