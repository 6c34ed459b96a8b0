using System.Security.Cryptography;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.ApplicationModel;

public abstract class ParameterDefault
{
    public abstract string GetDefaultValue();

    public abstract void WriteToManifest(ManifestPublishingContext context);
}

/// <summary>A random value of these kinds of characters.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    private const string LowerCharacters = "abcdefghjkmnpqrstuvwxyz";
    private const string UpperCharacters = "ABCDEFGHJKMNPQRSTUVWXYZ";
    private const string NumericCharacters = "0123456789";
    private const string SpecialCharacters = "-_.{}~()*+!";

    public int MinLength { get; set; }

    public bool Lower { get; set; } = true;

    public bool Upper { get; set; } = true;

    public bool Numeric { get; set; } = true;

    public bool Special { get; set; } = true;

    public int MinLower { get; set; }

    public int MinUpper { get; set; }

    public int MinNumeric { get; set; }

    public int MinSpecial { get; set; }

    private IEnumerable<(string Name, bool Allowed, int Min, string Characters)> Kinds =>
    [
        ("lower", Lower, MinLower, LowerCharacters),
        ("upper", Upper, MinUpper, UpperCharacters),
        ("numeric", Numeric, MinNumeric, NumericCharacters),
        ("special", Special, MinSpecial, SpecialCharacters),
    ];

    /// <returns>Another value at each call.</returns>
    public override string GetDefaultValue()
    {
        var characters = Kinds.SelectMany(kind => RandomNumberGenerator.GetItems<char>(kind.Characters, kind.Min)).ToList();
        var all = string.Concat(Kinds.Where(kind => kind.Allowed).Select(kind => kind.Characters));
        characters.AddRange(RandomNumberGenerator.GetItems<char>(all, Math.Max(0, MinLength - characters.Count)));
        var shuffled = characters.ToArray();
        RandomNumberGenerator.Shuffle<char>(shuffled);
        return new string(shuffled);
    }

    public override void WriteToManifest(ManifestPublishingContext context)
    {
        ArgumentNullException.ThrowIfNull(context);

        context.Writer.WriteStartObject("generate");
        context.Writer.WriteNumber("minLength", MinLength);
        foreach (var kind in Kinds.Where(kind => !kind.Allowed))
        {
            context.Writer.WriteBoolean(kind.Name, false);
        }

        foreach (var kind in Kinds.Where(kind => kind.Min > 0))
        {
            context.Writer.WriteNumber($"min{char.ToUpperInvariant(kind.Name[0])}{kind.Name[1..]}", kind.Min);
        }

        context.Writer.WriteEndObject();
    }
}

/// <summary>A value that is also published.</summary>
internal sealed class ConstantParameterDefault(Func<string> value) : ParameterDefault
{
    public override string GetDefaultValue() => value();

    public override void WriteToManifest(ManifestPublishingContext context) => context.Writer.WriteString("value", GetDefaultValue());
}
