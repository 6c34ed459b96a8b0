using Stolon.Comparison;

return await ComparisonProgram.RunAsync(args);
