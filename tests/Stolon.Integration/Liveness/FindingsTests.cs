using System.Net;
using Stolon.Hosting.Liveness;

namespace Stolon.Integration.Liveness;

/// <summary>What was found is published while more is being found: a whole node dies at once.</summary>
public sealed class FindingsTests
{
    private const int Rounds = 50_000;

    [Fact]
    public async Task Findings_that_come_and_go_while_they_are_published_do_not_disturb_that()
    {
        var findings = new Findings(() => { });
        var subjects = Enumerable.Range(1, 4).Select(SubjectOf).ToList();
        var coming = subjects.Select(subject => Task.Run(() =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                findings.Found(subject, new Finding($"{round}", TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero));
                findings.Withdraw(subject);
            }
        })).ToList();

        while (!coming.TrueForAll(one => one.IsCompleted))
        {
            findings.At(TimeSpan.FromSeconds(1)).Should().OnlyHaveUniqueItems().And.HaveCountLessThanOrEqualTo(subjects.Count);
        }

        await Task.WhenAll(coming);
        findings.At(TimeSpan.FromSeconds(1)).Should().BeEmpty();
    }

    private static Subject SubjectOf(int number) =>
        new($"proxy{number}", IsProxy: true, "process", new DnsEndPoint("127.0.0.1", number), Postgres: null);
}
