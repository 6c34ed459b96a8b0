// Tests of whole clusters mostly wait: more of them run at once than there are processors.
[assembly: Xunit.v3.Parallelization(MaxThreads = 4)]
