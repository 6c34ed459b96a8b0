using AspireAppHost.Api;
using Microsoft.EntityFrameworkCore;
using Npgsql;

var builder = WebApplication.CreateBuilder(args);
builder.AddStolonDataSource("orders");
builder.AddKeyedStolonDataSource("reads");

// A failover breaks the connections that are open: what failed is tried again, for as long as one takes.
builder.Services.AddDbContext<OrdersContext>((services, options) =>
    options.UseNpgsql(services.GetRequiredService<NpgsqlDataSource>(), npgsql => npgsql.EnableRetryOnFailure(maxRetryCount: 20, maxRetryDelay: TimeSpan.FromSeconds(1), errorCodesToAdd: null)));

var app = builder.Build();
await using (var scope = app.Services.CreateAsyncScope())
{
    var context = scope.ServiceProvider.GetRequiredService<OrdersContext>();
    await context.Database.CreateExecutionStrategy().ExecuteAsync(() => context.Database.EnsureCreatedAsync());
}

app.MapGet("/", () => Results.Content(Page.Html, "text/html; charset=utf-8"));
app.MapPost("/orders", async (OrdersContext context, NpgsqlDataSource writes, [Microsoft.AspNetCore.Mvc.FromServices] IServiceProvider services, CancellationToken cancellationToken) =>
{
    var strategy = context.Database.CreateExecutionStrategy();
    context.Orders.Add(new Order { Item = "book", At = TimeProvider.System.GetUtcNow() });
    await context.SaveChangesAsync(cancellationToken);
    return new
    {
        Writes = await strategy.ExecuteAsync(token => Node.AskAsync(writes, token), cancellationToken),
        Reads = await strategy.ExecuteAsync(token => Node.AskAsync(services.GetRequiredKeyedService<NpgsqlDataSource>("reads"), token), cancellationToken),
        Orders = await context.Orders.CountAsync(cancellationToken),
    };
});
await app.RunAsync();
