var builder = DistributedApplication.CreateBuilder(args);

var pg = builder.AddStolonCluster("pg")
    .WithKeepers(3)
    .WithProxies(2)
    .WithSynchronousReplication();
var orders = pg.AddDatabase("orders");
var reads = pg.AddReadReplicas("reads", "orders");

builder.AddProject("api", "../Api/Api.csproj")
    .WithReference(orders)
    .WithReference(reads)
    .WaitFor(orders);

await builder.Build().RunAsync();
