using System.Text;
using System.Text.RegularExpressions;

namespace Stolon.Core.Tests.Architecture;

/// <summary>Files and methods that fit on a few screens (CONTRIBUTING.md).</summary>
public partial class SizeTests
{
    private const int FileLinesMax = 300;
    private const int MethodLinesMax = 70;

    public static TheoryData<string> Folders => ["src", "eng", "tests", "samples", "bench"];

    [Theory]
    [MemberData(nameof(Folders))]
    public void No_file_has_300_lines(string folder) => Repository.CSharp(folder)
        .Select(path => (Path: path, Lines: Repository.Lines(path).Length))
        .Where(file => file.Lines >= FileLinesMax).Select(file => $"{file.Path}: {file.Lines} lines").Should().BeEmpty();

    [Theory]
    [MemberData(nameof(Folders))]
    public void No_method_has_70_lines(string folder) => Repository.CSharp(folder)
        .SelectMany(path => Blocks(Repository.Text(path)).Select(block => (Path: path, block.Line, block.Lines)))
        .Where(block => block.Lines >= MethodLinesMax).Select(block => $"{block.Path}({block.Line}): {block.Lines} lines").Should().BeEmpty();

    [Theory]
    [InlineData("class A\n{\n    void B()\n    {\n        C();\n    }\n}\n", 3, 4)]
    [InlineData("class A\n{\n    int B()\n    {\n        return new { X = \"}\" } is { } ? '{' : 1; // }\n    }\n}\n", 3, 4)]
    [InlineData("class A\n{\n    string B()\n    {\n        return $\"{{ {C(\"}\")} \" + @\"\\\" + \"\"\"\n  } \"\"\";\n    }\n}\n", 3, 5)]
    [InlineData("file sealed class A\n{\n    [Fact]\n    T B<T>(R record)\n        where T : class\n    {\n        if (x)\n        {\n        }\n    }\n}\n", 3, 8)]
    public void The_scanner_finds_the_block_of_a_method(string text, int line, int lines) =>
        Blocks(text).Should().Equal((line, lines));

    /// <summary>
    /// The blocks of code that are no type's and no namespace's own: from the line of the opening brace's statement to the closing brace.
    /// </summary>
    private static List<(int Line, int Lines)> Blocks(string text)
    {
        var code = WithoutLiterals(text);
        var found = new List<(int, int)>();
        var open = new Stack<(int Line, bool IsType)>();
        var line = 1;
        var head = new StringBuilder();
        var headLine = 1;
        foreach (var character in code)
        {
            if (head.Length == 0)
            {
                headLine = line;
            }

            switch (character)
            {
                case '\n':
                    line++;
                    head.Append(head.Length > 0 ? " " : "");
                    break;
                case '{':
                    open.Push((headLine, TypeHead().IsMatch(head.ToString())));
                    head.Clear();
                    break;
                case '}' when open.Count > 0:
                    var block = open.Pop();
                    if (!block.IsType && open.All(outer => outer.IsType))
                    {
                        found.Add((block.Line, line - block.Line + 1));
                    }

                    head.Clear();
                    break;
                case ';':
                    head.Clear();
                    break;
                default:
                    head.Append(head.Length > 0 || !char.IsWhiteSpace(character) ? character : "");
                    break;
            }
        }

        return found;
    }

    /// <summary>Strings, characters, comments and directives become as many line breaks as they had.</summary>
    private static string WithoutLiterals(string text) =>
        Directive().Replace(Literal().Replace(text, match => new string('\n', match.Value.Count(character => character == '\n'))), "");

    [GeneratedRegex(@"^[ \t]*#.*$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Directive();

    [GeneratedRegex(
        @"\A(\[[^\]]*\]\s*)*((public|internal|private|protected|static|sealed|abstract|partial|readonly|ref|file|unsafe|new)\s+)*"
        + @"(class|struct|record|interface|enum|namespace|extension)\b",
        RegexOptions.ExplicitCapture,
        5000)]
    private static partial Regex TypeHead();

    [GeneratedRegex("""
        //[^\n]*|/\*.*?\*/|\$*(?<quotes>"{3,}).*?\k<quotes>|(@\$|\$@)"(""|[^"])*"|@"(""|[^"])*"|\$"(\\.|\{\{|\{[^{}"]*("(\\.|[^"\\])*"[^{}"]*)*\}|[^"\\{])*"|"(\\.|[^"\\\n])*"|'(\\.[^']*|[^'\\\n])'
        """, RegexOptions.ExplicitCapture | RegexOptions.Singleline, 5000)]
    private static partial Regex Literal();
}
