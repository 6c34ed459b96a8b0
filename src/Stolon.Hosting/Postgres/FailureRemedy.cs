using System.Net;
using System.Net.Sockets;

namespace Stolon.Hosting.Postgres;

/// <summary>What helps against what PostgreSQL said.</summary>
internal static class FailureRemedy
{
    private const long AlmostNothing = 1024 * 1024;

    private static readonly (string Said, string Remedy)[] Known =
    [
        ("No space left on device", "The disk is full: free some space on it."),
        ("Disk quota exceeded", "The disk quota is used up: raise it or free some space."),
        ("could not resize shared memory segment", "Shared memory is too small: enlarge /dev/shm, in a container with --shm-size."),
        ("has wrong ownership", "Give the data directory to the user that PostgreSQL runs as (chown -R)."),
        ("invalid permissions", "Close the data directory to others: chmod 0700."),
        ("not compatible with this version", "Use the programs of the PostgreSQL version that made the data (option BinDirectory)."),
        ("database files are incompatible", "Use the programs of the PostgreSQL version that made the data (option BinDirectory)."),
        ("Cannot assign requested address", "The listen address is not an address of this machine: correct it."),
        ("exists but is not empty", "If no other PostgreSQL uses that folder, empty it: an interrupted copy may have left a tablespace there."),
        ("Permission denied", "Give the user that PostgreSQL runs as access to the file or folder."),
        ("password authentication failed", "The password is not the one that the server knows: give every keeper the cluster's own one."),
        ("no password supplied", "The server asks for a password: give the keeper the one of the cluster."),
        ("no pg_hba.conf entry", "The server's pg_hba.conf lets nobody in from here: check its addresses and the access mode."),
        ("Connection refused", "Nothing listens there: check the address and the port, and whether PostgreSQL runs."),
        ("number of requested standby connections exceeds", "The server has no walsender left: raise additionalWalSenders."),
        ("all replication slots are in use", "The server has no replication slot left: raise maxStandbys."),
    ];

    /// <summary>The remedy for a text that a program wrote; empty when it is not known.</summary>
    public static string For(string said) =>
        Known.FirstOrDefault(known => said.Contains(known.Said, StringComparison.OrdinalIgnoreCase)).Remedy ?? "";

    /// <summary>The remedy when PostgreSQL did not start.</summary>
    public static string ForStart(string said, PostgresSettings settings)
    {
        if (said.Contains("Address already in use", StringComparison.Ordinal) || IsTaken(settings.ListenAddress, settings.Port))
        {
            return $"Port {settings.Port} on {settings.ListenAddress} is taken by another program: end it or choose another port.";
        }

        var remedy = For(said);
        return remedy.Length > 0 ? remedy : ForDisk(settings.DataDirectory);
    }

    /// <summary>The remedy when a disk is full; else empty.</summary>
    public static string ForDisk(string path) =>
        FreeSpace(path) < AlmostNothing ? $"The disk of {path} is full: free some space on it." : "";

    /// <summary>What this user may still write on the disk of a folder.</summary>
    public static long FreeSpace(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (IOException)
        {
            return long.MaxValue;
        }
    }

    /// <summary>Asked in the language of the kernel, since PostgreSQL may speak any.</summary>
    private static bool IsTaken(string address, int port)
    {
        var listen = address is "*" or "" ? IPAddress.Any : IPAddress.TryParse(address, out var parsed) ? parsed : null;
        if (listen is null)
        {
            return false;
        }

        using var probe = new Socket(listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(listen, port));
            return false;
        }
        catch (SocketException error)
        {
            return error.SocketErrorCode == SocketError.AddressAlreadyInUse;
        }
    }
}
