using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Stolon.Cluster;

/// <summary>An immutable map, sorted by key, that compares by content. An absent map equals an empty one.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class ValueMap<TKey, TValue> : IReadOnlyDictionary<TKey, TValue>, IEquatable<ValueMap<TKey, TValue>>
    where TKey : notnull
{
    /// <summary>The map without entries.</summary>
    public static readonly ValueMap<TKey, TValue> Empty = new([]);

    private static readonly IComparer<TKey> Order =
        typeof(TKey) == typeof(string) ? (IComparer<TKey>)StringComparer.Ordinal : Comparer<TKey>.Default;

    private readonly ImmutableSortedDictionary<TKey, TValue> entries;

    /// <summary>Makes a map of the entries; of two with one key, the later wins.</summary>
    /// <param name="entries">The entries.</param>
    public ValueMap(IEnumerable<KeyValuePair<TKey, TValue>> entries)
        : this(ImmutableSortedDictionary.Create<TKey, TValue>(Order).SetItems(entries))
    {
    }

    private ValueMap(ImmutableSortedDictionary<TKey, TValue> entries) => this.entries = entries;

    /// <inheritdoc/>
    public int Count => entries.Count;

    /// <inheritdoc/>
    public IEnumerable<TKey> Keys => entries.Keys;

    /// <inheritdoc/>
    public IEnumerable<TValue> Values => entries.Values;

    /// <inheritdoc/>
    public TValue this[TKey key] => entries[key];

    /// <summary>The same map with one entry added or replaced.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its new value.</param>
    /// <returns>The new map.</returns>
    public ValueMap<TKey, TValue> With(TKey key, TValue value) => new(entries.SetItem(key, value));

    /// <summary>The same map with other entries added; of two with one key, the added one wins.</summary>
    /// <param name="added">The entries.</param>
    /// <returns>The new map.</returns>
    public ValueMap<TKey, TValue> SetItems(IEnumerable<KeyValuePair<TKey, TValue>> added) => new(entries.SetItems(added));

    /// <summary>The same map without one key; the map itself when it has no such key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>The new map.</returns>
    public ValueMap<TKey, TValue> Without(TKey key) => entries.ContainsKey(key) ? new(entries.Remove(key)) : this;

    /// <summary>The value of a key, or the default when there is none.</summary>
    /// <param name="key">The key.</param>
    /// <returns>The value or the type's default.</returns>
    public TValue? Find(TKey key) => entries.TryGetValue(key, out var value) ? value : default;

    /// <inheritdoc/>
    public bool ContainsKey(TKey key) => entries.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value) => entries.TryGetValue(key, out value);

    /// <inheritdoc/>
    public bool Equals(ValueMap<TKey, TValue>? other) =>
        other is not null && (ReferenceEquals(entries, other.entries) || entries.SequenceEqual(other.entries));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ValueMap<TKey, TValue>);

    /// <inheritdoc/>
    public override int GetHashCode() => Count == 0 ? 0 : HashCode.Combine(Count, entries.Keys.First());

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<TKey, TValue>> GetEnumerator() => entries.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The entries between braces.</summary>
    /// <returns>For example <c>{a=1, b=2}</c>.</returns>
    public override string ToString() => $"{{{string.Join(", ", entries.Select(entry => $"{entry.Key}={entry.Value}"))}}}";
}
