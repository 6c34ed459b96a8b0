using System.Net;

namespace Stolon.Hosting.Proxy;

/// <summary>
/// Carries bytes between clients and one primary. It decides nothing: who may be forwarded to, and until when, comes from
/// <see cref="FencedRoute"/>. Members may be called from several threads at once, but only one caller opens routes.
/// </summary>
internal interface IForwarder : IDisposable
{
    /// <summary>Where clients connect to; null = not listening.</summary>
    IPEndPoint? ListeningOn { get; }

    /// <summary>Where new clients are sent to; null = they wait, or are closed at once.</summary>
    IPEndPoint? Destination { get; }

    /// <summary>Starts to accept clients; does nothing when it does already.</summary>
    /// <exception cref="IOException">It is not possible; the message names address, port and remedy.</exception>
    void Listen();

    /// <summary>Stops accepting; connected clients stay.</summary>
    void StopListening();

    /// <summary>
    /// Sends clients that come from now on to <paramref name="primary"/>. There must be no destination now.
    /// </summary>
    /// <param name="primary">Where to.</param>
    void Open(IPEndPoint primary);

    /// <summary>
    /// Lets new clients wait from now on, and those that are just being let in finish that, for a moment: cut in a handshake, they would take it for a
    /// refusal. Nothing is cut yet.
    /// </summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>When no handshake is under way, or after 250 ms.</returns>
    Task LeaveAsync(CancellationToken cancellationToken);

    /// <summary>Those who wait for a destination need not wait any longer: there will be none.</summary>
    /// <param name="forGood">Nobody waits from now on.</param>
    void TurnAway(bool forGood);

    /// <summary>
    /// No destination from now on, and every client is reset. It does not wait for forwarding that is under way on
    /// other threads.
    /// </summary>
    /// <returns>How many connections were cut.</returns>
    int Cut();

    /// <summary>Waits until nothing that was cut can still forward a byte.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>When quiet.</returns>
    Task QuietAsync(CancellationToken cancellationToken);
}
