using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Stolon.Hosting.DependencyInjection;

/// <summary>Passwords in files: those that an operator wrote, and those that we generate (architecture, section 8).</summary>
internal static partial class PasswordFile
{
    private const int PasswordBytes = 24;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>
    /// The password that a file holds; it is generated if there is no file. Processes that start at once agree: the file appears whole
    /// or not at all, and only once.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <returns>The password.</returns>
    /// <exception cref="StolonException">The file is there but holds no password, or it cannot be written.</exception>
    public static string ReadOrCreate(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                Create(path);
            }

            var password = File.ReadAllText(path).TrimEnd('\r', '\n');
            return password.Length > 0
                ? password
                : throw new StolonException(
                    $"{path} is empty. Write the password into it that the cluster was made with; only if there is no cluster yet, delete it.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StolonException(
                $"The password file {path} can be neither read nor created ({exception.Message}). Allow this user to, or give a password.",
                exception);
        }
    }

    /// <summary>Whether others than the owner may read or write a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>True if so; false where files have no such modes.</returns>
    public static bool IsOpenToOthers(string path) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != UnixFileMode.None;

    private static void Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        var draft = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        try
        {
            using (var file = new FileStream(draft, options))
            {
                file.Write(Encoding.ASCII.GetBytes(Generate() + "\n"));
                file.Flush(flushToDisk: true);
            }

            Publish(draft, path);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>
    /// Gives the file its name, if no other process was faster: its password is the one then. On Unix <see cref="File.Move(string, string)"/>
    /// looks first and renames then, so of two starters the later would win; a link is made only once.
    /// </summary>
    private static void Publish(string draft, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            try
            {
                File.Move(draft, path);
            }
            catch (IOException) when (File.Exists(path))
            {
            }
        }
        else if (Link(draft, path) != 0 && !File.Exists(path))
        {
            throw new IOException(Marshal.GetLastPInvokeErrorMessage());
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string name);

    private static string Generate() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(PasswordBytes));
}
