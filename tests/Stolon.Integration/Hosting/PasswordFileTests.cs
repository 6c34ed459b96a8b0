using Stolon.Hosting;
using Stolon.Hosting.DependencyInjection;

namespace Stolon.Integration.Hosting;

public sealed class PasswordFileTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("stolon-passwords-");

    [Fact]
    [Trait("Rule", "S11")]
    public async Task Starters_that_come_at_once_agree_on_one_password_that_only_the_owner_may_read()
    {
        var path = Path.Combine(folder.FullName, "new", "superuser.password");
        using var gate = new ManualResetEventSlim();
        var starters = Enumerable.Range(0, 16)
            .Select(_ => Task.Factory.StartNew(
                () =>
                {
                    gate.Wait(TestContext.Current.CancellationToken);
                    return PasswordFile.ReadOrCreate(path);
                },
                TestContext.Current.CancellationToken,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default))
            .ToArray();

        gate.Set();
        var passwords = await Task.WhenAll(starters);

        passwords.Distinct().Should().ContainSingle().Which.Should().HaveLength(48);
        PasswordFile.ReadOrCreate(path).Should().Be(passwords[0]);
        PasswordFile.IsOpenToOthers(path).Should().BeFalse();
        Directory.GetFiles(Path.GetDirectoryName(path)!).Should().Equal(path);
    }

    [Fact]
    [Trait("Rule", "S10")]
    public void An_empty_password_file_is_an_error_and_stays_as_it_is()
    {
        var path = Path.Combine(folder.FullName, "superuser.password");
        File.WriteAllText(path, "\n");

        FluentActions.Invoking(() => PasswordFile.ReadOrCreate(path)).Should().Throw<StolonException>().WithMessage($"*{path}*");

        File.ReadAllText(path).Should().Be("\n");
    }

    public void Dispose() => folder.Delete(recursive: true);
}
