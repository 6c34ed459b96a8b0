using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Stolon.Cluster;

/// <summary>
/// An immutable list that compares by content, so that a record that holds one compares by content too.
/// An absent list and an empty one are equal (Q26); which of the two was read is kept, so that it is written back alike.
/// </summary>
/// <typeparam name="T">The type of the elements.</typeparam>
[CollectionBuilder(typeof(ValueList), nameof(ValueList.Create))]
public readonly struct ValueList<T> : IReadOnlyList<T>, IEquatable<ValueList<T>>
{
    private readonly ImmutableArray<T> items;

    /// <summary>Wraps an array; the default array is the absent list.</summary>
    /// <param name="items">The elements.</param>
    public ValueList(ImmutableArray<T> items) => this.items = items;

    /// <summary>True when the list is JSON <c>null</c> or was never set; such a list has no elements.</summary>
    public bool IsNull => items.IsDefault;

    /// <inheritdoc/>
    public int Count => items.IsDefault ? 0 : items.Length;

    /// <inheritdoc/>
    public T this[int index] => Items[index];

    /// <summary>The elements as an array that is never the default one.</summary>
    public ImmutableArray<T> Items => items.IsDefault ? [] : items;

    /// <summary>Compares by content.</summary>
    /// <param name="left">One list.</param>
    /// <param name="right">The other list.</param>
    public static bool operator ==(ValueList<T> left, ValueList<T> right) => left.Equals(right);

    /// <summary>Compares by content.</summary>
    /// <param name="left">One list.</param>
    /// <param name="right">The other list.</param>
    public static bool operator !=(ValueList<T> left, ValueList<T> right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(ValueList<T> other) => Items.AsSpan().SequenceEqual(other.Items.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ValueList<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var item in Items)
        {
            hash.Add(item);
        }

        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)Items).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The elements between brackets.</summary>
    /// <returns>For example <c>[db1, db2]</c>.</returns>
    public override string ToString() => $"[{string.Join(", ", Items)}]";
}

/// <summary>Makes <see cref="ValueList{T}"/>s.</summary>
public static class ValueList
{
    /// <summary>Makes a list of the elements, in their order.</summary>
    /// <typeparam name="T">The type of the elements.</typeparam>
    /// <param name="items">The elements.</param>
    /// <returns>The list; never the absent one.</returns>
    public static ValueList<T> Create<T>(ReadOnlySpan<T> items) => new(ImmutableArray.Create(items));

    /// <summary>Makes a list of the elements, in their order.</summary>
    /// <typeparam name="T">The type of the elements.</typeparam>
    /// <param name="items">The elements.</param>
    /// <returns>The list; never the absent one.</returns>
    public static ValueList<T> ToValueList<T>(this IEnumerable<T> items) => new([.. items]);
}
