using BenchmarkDotNet.Running;
using Stolon.Benchmarks;

BenchmarkSwitcher.FromAssembly(typeof(PlannerBenchmarks).Assembly).Run(args);
