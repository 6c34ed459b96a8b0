using Aspire.Hosting.ApplicationModel;

namespace Stolon.Aspire;

/// <summary>The members of a cluster, each kind by number.</summary>
internal sealed class Roster
{
    private readonly List<IStolonMember> members = [];

    /// <summary>All of them: etcd's nodes, keepers, sentinels, proxies.</summary>
    public IEnumerable<IStolonMember> All => members.OrderBy(member => member.Role).ThenBy(member => member.Ordinal);

    /// <summary>Those of one kind, by number.</summary>
    /// <param name="role">The kind.</param>
    /// <returns>The members.</returns>
    public IReadOnlyList<IStolonMember> Of(StolonMemberRole role) => [.. All.Where(member => member.Role == role)];

    /// <summary>One more.</summary>
    /// <param name="member">The member.</param>
    public void Add(IStolonMember member) => members.Add(member);

    /// <summary>One less.</summary>
    /// <param name="member">The member.</param>
    public void Remove(IStolonMember member) => members.Remove(member);
}
