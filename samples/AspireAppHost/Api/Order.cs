namespace AspireAppHost.Api;

/// <summary>An order.</summary>
public sealed class Order
{
    /// <summary>Its number.</summary>
    public int Id { get; set; }

    /// <summary>What was ordered.</summary>
    public required string Item { get; set; }

    /// <summary>When.</summary>
    public DateTimeOffset At { get; set; }
}
