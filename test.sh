#!/usr/bin/env bash
# Installs what the tests need, builds, and runs all of them. The last line is "N passed, N failed".
# usage: ./test.sh [project ...]     for example ./test.sh Stolon.Core.Tests
set -uo pipefail
cd "$(dirname "$0")" || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# The offline contract in place of the package Aspire.Hosting: eng/Aspire.Hosting.Contract/README.md.
export STOLON_ASPIRE_CONTRACT=${STOLON_ASPIRE_CONTRACT:-true}

./scripts/find-postgres.sh >/dev/null || ./scripts/install-postgres.sh || { echo "0 passed, 1 failed"; exit 1; }
./scripts/install-for-tests.sh || { echo "0 passed, 1 failed"; exit 1; }

configuration=${CONFIGURATION:-Debug}
dotnet build Stolon.sln -c "$configuration" -v quiet --nologo || { echo "0 passed, 1 failed"; exit 1; }

projects=("$@")
[ ${#projects[@]} -eq 0 ] && projects=(Stolon.Core.Tests Stolon.Stores.Tests Stolon.Cli.Tests Stolon.AspNetCore.Tests Stolon.Aspire.Tests Stolon.Integration)
passed=0 failed=0
for project in "${projects[@]}"; do
  echo "== $project"
  results=$(mktemp)
  timeout --foreground -k 60 40m dotnet "tests/$project/bin/$configuration/net10.0/$project.dll" -noLogo -noColor -result-xml "$results"
  code=$?
  # The first element of the result file counts: total, passed, failed, errors, not-run.
  counts=$(grep -o '<assembly [^>]*' "$results" | head -n 1)
  number() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$counts"; }
  p=$(number passed) f=$(number failed) e=$(number errors)
  rm -f "$results"
  passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0} + ${e:-0}))
  # A run that died, or ran nothing, has failed.
  if [ $((${f:-0} + ${e:-0})) -eq 0 ] && { [ $code -ne 0 ] || [ "${p:-0}" -eq 0 ]; }; then
    failed=$((failed + 1))
  fi
done

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
