using CsCheck;
using Stolon.Cluster;
using static Stolon.Core.Tests.Planning.Story;

namespace Stolon.Core.Tests.Planning;

/// <summary>
/// Synchronous replication with the commits in it: a commit is acknowledged when everybody has it whom the primary was last told to wait for,
/// which is not always what the document says now. Whoever is elected has every acknowledged commit (S2).
/// </summary>
public sealed class AcknowledgedCommits
{
    private const int Keepers = 4;

    [Theory, Trait("Rule", "S2"), Trait("Rule", "N4"), Trait("Rule", "N20"), Trait("Rule", "N21"), Trait("Rule", "Q37")]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    public void Whoever_is_elected_has_every_acknowledged_commit(int min, int max) =>
        Gen.Select(Gen.Int[0, 13], Gen.Int[1, Keepers]).Array[10, 60].Sample(
            events =>
            {
                var world = new World(min, max);
                return Array.TrueForAll(events, world.Happen);
            },
            iter: 200);

    [Fact, Trait("Rule", "S2")]
    public void The_model_does_acknowledge_commits_and_elect()
    {
        var world = new World(1, 1);

        world.Happen((0, 1)).Should().BeTrue();
        world.Acknowledged.Should().HaveCount(1);
        (int, int)[] death = [(6, 1), (8, 12), (8, 12), (8, 12)];
        Array.TrueForAll(death, world.Happen).Should().BeTrue();
        world.Story.Data.Cluster.Status.Primary.Should().NotBe(Db(1));
    }

    private sealed class World
    {
        private readonly Dictionary<DbId, HashSet<int>> commits = [];
        private readonly HashSet<int> dead = [];
        private ValueList<DbId> waitedFor;
        private bool blocked;
        private DbId loadedBy;
        private int next;

        public World(int min, int max)
        {
            Story = Healthy(Keepers, spec => spec with { SynchronousReplication = true, MinSynchronousStandbys = min, MaxSynchronousStandbys = max });
            Load();
            ReportInSync();
            Story.Passes(2);
            Load();
        }

        public Story Story { get; }

        public HashSet<int> Acknowledged { get; } = [];

        private Database Primary => Story.Data.Primary!;

        /// <summary>Something happens, and a pass follows. False = somebody was elected who lacks an acknowledged commit.</summary>
        public bool Happen((int Kind, int Keeper) happening)
        {
            var (kind, n) = happening;
            switch (kind)
            {
                case 0 or 1 or 2:
                    Commit();
                    break;
                case 3 or 4:
                    CatchUp(Keeper(n));
                    break;
                case 5:
                    ReportInSync();
                    break;
                case 6:
                    dead.Add(n);
                    Story.Silences(n);
                    break;
                case 7:
                    dead.Remove(n);
                    Story.Reports(n);
                    break;
                case 8 or 9:
                    Story.Waits(n).Heartbeats();
                    break;
                case 10 or 11:
                    Load();
                    break;
                case 12:
                    Story.ToldToFail(n);
                    break;
                default:
                    Story.PassFails();
                    break;
            }

            var before = Primary.Uid;
            Story.Pass();
            return Primary.Uid == before || Has(Primary.Uid).IsSupersetOf(Acknowledged);
        }

        /// <summary>A commit reaches the primary, and is acknowledged when all that it waits for are there to take it.</summary>
        private void Commit()
        {
            if (loadedBy != Primary.Uid || !Lives(Primary.Uid))
            {
                return;
            }

            var commit = next++;
            Has(Primary.Uid).Add(commit);
            foreach (var standby in waitedFor.Where(Lives).ToList())
            {
                CatchUp(Story.Data.Databases[standby].Spec.Keeper);
            }

            if (!blocked && waitedFor.All(Lives))
            {
                Acknowledged.Add(commit);
            }
        }

        private void CatchUp(KeeperId keeper)
        {
            if (Story.Data.DatabaseOf(keeper) is { } db && Lives(db.Uid) && Lives(Primary.Uid))
            {
                Has(db.Uid).UnionWith(Has(Primary.Uid));
                Story.Reports(Number(keeper), state => state with { XLogPos = new Lsn(1000 + ((ulong)Has(db.Uid).Count * 100)) });
            }
        }

        /// <summary>The primary says who of those that it waits for has everything.</summary>
        private void ReportInSync()
        {
            if (loadedBy == Primary.Uid && Lives(Primary.Uid))
            {
                var inSync = waitedFor.Where(standby => Lives(standby) && Has(standby).IsSupersetOf(Has(Primary.Uid))).ToValueList();
                Story.Reports(Number(Primary.Spec.Keeper), state => state with { SynchronousStandbys = inSync });
            }
        }

        /// <summary>Everybody does what the document says; the primary waits for whom it says from now on, and knows of nobody yet.</summary>
        private void Load()
        {
            Story.Converge();
            if (Lives(Primary.Uid))
            {
                (waitedFor, loadedBy) = (Primary.Spec.SynchronousStandbys, Primary.Uid);
                blocked = Primary.Spec.ExternalSynchronousStandbys.Count > 0;
                ReportInSync();
            }
        }

        private bool Lives(DbId db) => Story.Data.Databases.Find(db) is { } known && !dead.Contains(Number(known.Spec.Keeper));

        private HashSet<int> Has(DbId db) => commits.TryGetValue(db, out var has) ? has : commits[db] = [];

        private static int Number(KeeperId keeper) => int.Parse(keeper.Value[1..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
