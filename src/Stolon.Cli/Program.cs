using Stolon.Cli;
using Stolon.Cli.Options;
using Stolon.Cli.Output;

StandardStreams.Settle();
return await StolonProgram.RunAsync(InvokedName.Expand(InvokedName.Read(), args)).ConfigureAwait(false);
