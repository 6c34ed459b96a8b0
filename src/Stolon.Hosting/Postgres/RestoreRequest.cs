using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>A restore from a backup (K26).</summary>
/// <param name="Command">The shell command that brings the base backup; <c>%d</c> stands for the folder, <c>%%</c> for a percent sign.</param>
/// <param name="Configuration">What the recovery runs with, its signal file included.</param>
/// <param name="Limit">How long PostgreSQL may take to recover; null = as long as it takes (syncTimeout).</param>
internal sealed record RestoreRequest(string Command, ServerConfiguration Configuration, TimeSpan? Limit);
