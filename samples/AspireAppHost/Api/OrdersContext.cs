using Microsoft.EntityFrameworkCore;

namespace AspireAppHost.Api;

/// <summary>The orders, as EF Core sees them.</summary>
/// <param name="options">How to connect.</param>
public sealed class OrdersContext(DbContextOptions<OrdersContext> options) : DbContext(options)
{
    /// <summary>All orders.</summary>
    public DbSet<Order> Orders => Set<Order>();
}
