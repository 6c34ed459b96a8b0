using Microsoft.Extensions.DependencyInjection;
using QuickStart.Output;
using QuickStart.Roles;
using Stolon.Cluster;
using Stolon.Hosting.Administration;

namespace QuickStart;

/// <summary>What to do when the keepers have data but the store is lost: an empty store never becomes a new cluster over them (S6).</summary>
internal static class LostStore
{
    /// <summary>Ends the program when the store file is missing though there is data.</summary>
    /// <param name="folder">Where everything is kept.</param>
    /// <exception cref="QuickStartException">It is so.</exception>
    public static void Refuse(DataFolder folder)
    {
        if (!File.Exists(folder.StoreFile) && folder.KeepersWithData() is { Count: > 0 } keepers)
        {
            throw new QuickStartException(
                $"the store file {folder.StoreFile} is missing, but {string.Join(", ", keepers)} in {folder.Path} hold data. Nothing was touched.\n"
                + $"Put the file back; or make a new cluster around the data of one keeper with --take-over {keepers[0]} (name the last primary: "
                + "the others become copies of it); or begin anew in another folder with --data FOLDER.");
        }
    }

    /// <summary>Makes a new cluster around the data of one keeper; the others are copied from it.</summary>
    /// <param name="keeper">The keeper.</param>
    /// <param name="folder">Where everything is kept.</param>
    /// <param name="screen">Where to say so.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When asked for.</returns>
    /// <exception cref="QuickStartException">There is a store, or the keeper has no data.</exception>
    public static async Task TakeOverAsync(string keeper, DataFolder folder, Screen screen, CancellationToken cancellationToken)
    {
        if (!folder.KeepersWithData().Contains(keeper))
        {
            throw new QuickStartException($"--take-over: {keeper} holds no data in {folder.Path}; these do: {string.Join(", ", folder.KeepersWithData())}.");
        }

        if (File.Exists(folder.StoreFile))
        {
            throw new QuickStartException(
                $"--take-over is for a lost store, but there is {folder.StoreFile}. If it is damaged, move it away together with its -wal and -shm.");
        }

        if (new[] { "-wal", "-shm" }.Select(end => folder.StoreFile + end).FirstOrDefault(File.Exists) is { } left)
        {
            throw new QuickStartException(
                $"--take-over is for a lost store, but {left} is left of it and belongs to the file that is missing. Put {folder.StoreFile} back "
                + $"beside it; or, if it is lost, move {left} away too and try again.");
        }

        await using var log = new LineLog(folder.LogFile("quickstart"), text => screen.Say($"! {text}"), TimeProvider.System);
        using var host = RoleHost.Build(folder, [], log);
        var spec = new ClusterSpec { InitMode = InitMode.Existing, ExistingConfig = new ExistingConfig { Keeper = new KeeperId(keeper) } };
        await host.Services.GetRequiredKeyedService<IStolonAdministration>(RoleHost.ClusterName).InitAsync(spec, options: null, cancellationToken);
        screen.Say($"a new cluster takes over the data of {keeper}");
    }
}
