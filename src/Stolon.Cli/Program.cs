using Stolon.Cli;
using Stolon.Cli.Options;

return await StolonProgram.RunAsync(InvokedName.Expand(InvokedName.Read(), args)).ConfigureAwait(false);
