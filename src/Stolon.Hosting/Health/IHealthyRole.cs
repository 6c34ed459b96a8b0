using System.Collections.Immutable;

namespace Stolon.Hosting.Health;

/// <summary>A role that knows how it does.</summary>
internal interface IHealthyRole
{
    /// <summary>How it does now; may be asked at any time, from any thread.</summary>
    RoleHealth Health { get; }
}

/// <summary>Puts together what roles say.</summary>
internal static class RoleTroubles
{
    /// <summary>The pulses that are overdue.</summary>
    /// <param name="pulses">A role's pulses.</param>
    /// <returns>One sentence each.</returns>
    public static ImmutableArray<string> Of(params ReadOnlySpan<Pulse?> pulses)
    {
        var troubles = ImmutableArray.CreateBuilder<string>();
        foreach (var pulse in pulses)
        {
            if (pulse?.Trouble is { } trouble)
            {
                troubles.Add(trouble);
            }
        }

        return troubles.ToImmutable();
    }
}
