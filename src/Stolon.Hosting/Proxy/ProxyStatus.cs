using System.Net;
using Stolon.Cluster;

namespace Stolon.Hosting.Proxy;

/// <summary>A proxy at one instant, for status and readiness.</summary>
/// <param name="Proxy">Its id, new at every start.</param>
/// <param name="ListeningOn">Where clients connect to; null = not listening.</param>
/// <param name="Destination">Where clients are sent to; null = nowhere.</param>
/// <param name="Generation">The routing generation that it acknowledged last; 0 = none.</param>
/// <param name="Connections">Clients connected now.</param>
/// <param name="LastGoodCheck">How long ago the last good check began; null = none was good yet.</param>
/// <param name="Explanation">Why clients go where they go, as a sentence.</param>
internal sealed record ProxyStatus(
    ProxyId Proxy,
    IPEndPoint? ListeningOn,
    IPEndPoint? Destination,
    long Generation,
    int Connections,
    TimeSpan? LastGoodCheck,
    string Explanation);
