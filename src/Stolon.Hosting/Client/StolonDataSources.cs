namespace Stolon.Hosting.Client;

/// <summary>The service keys of the data sources that prefer standbys.</summary>
public static class StolonDataSources
{
    /// <summary>
    /// The key of the data source for reads that belongs to <c>AddStolonDataSource</c>, and what follows the name in the key of one that belongs to
    /// <c>AddKeyedStolonDataSource</c>: <c>[FromKeyedServices("orders" + StolonDataSources.Standby)]</c>.
    /// </summary>
    /// <value><c>:standby</c>.</value>
    public const string Standby = ":standby";

    /// <summary>The key of the data source for reads that belongs to <c>AddKeyedStolonDataSource</c>.</summary>
    /// <param name="name">The name that was given there.</param>
    /// <returns>The name and <see cref="Standby"/>: <c>orders:standby</c>.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static string StandbyOf(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return name + Standby;
    }
}
