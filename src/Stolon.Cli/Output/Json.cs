using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Stolon.Cli.Output;

/// <summary>JSON on standard output, indented.</summary>
internal static class Json
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes JSON that is there already.</summary>
    /// <param name="utf8">The JSON.</param>
    public static void Print(ReadOnlySpan<byte> utf8) => Console.Out.WriteLine(Encoding.UTF8.GetString(utf8));

    /// <summary>Makes JSON and writes it.</summary>
    /// <param name="write">Makes it.</param>
    public static void Print(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            write(writer);
        }

        Print(buffer.WrittenSpan);
    }
}
