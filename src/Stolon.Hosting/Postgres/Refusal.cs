using System.Collections.Immutable;

namespace Stolon.Hosting.Postgres;

/// <summary>What PostgreSQL does not accept of a configuration.</summary>
/// <param name="Parameters">The names of the parameters, in lower case.</param>
/// <param name="HbaLine">The first line of <c>pg_hba.conf</c> that it does not understand, from 1; 0 = none.</param>
/// <param name="Said">What is wrong, in PostgreSQL's words.</param>
internal sealed record Refusal(ImmutableArray<string> Parameters, int HbaLine, string Said);
