using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// One node of a cluster on three machines: its PostgreSQL, a sentinel that can take the lead, and a proxy for the applications beside it.
// What differs between the nodes (folder, addresses, etcd) comes from appsettings.json, the environment or the command line.
var builder = Host.CreateApplicationBuilder(args);

builder.AddStolonKeeper("orders");
builder.AddStolonSentinel("orders");
builder.AddStolonProxy("orders");

await builder.Build().RunAsync();
