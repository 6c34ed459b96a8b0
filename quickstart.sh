#!/usr/bin/env bash
# A highly available PostgreSQL cluster on this machine, until Ctrl+C. It needs the .NET 10 SDK, and installs PostgreSQL if it is missing.
# usage: ./quickstart.sh [--processes | --demo] [--sync] [--data FOLDER] [--keepers N]      ./quickstart.sh --help says more
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P) || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
project=$root/samples/QuickStart
program=$project/bin/Release/net10.0/QuickStart.dll
log=

say() { printf '%(%H:%M:%S)T  %s\n' -1 "$*"; }

# Runs a command and says every two seconds that it still does; what it wrote is shown only if it failed.
patiently() {
  local what=$1 job seconds=0 code
  shift
  say "$what ..."
  log=$(mktemp) || exit 1
  "$@" >"$log" 2>&1 &
  job=$!
  trap 'kill "$job" 2>/dev/null; wait "$job" 2>/dev/null; rm -f "$log"; exit 130' INT TERM HUP
  while kill -0 "$job" 2>/dev/null; do
    sleep 0.5
    seconds=$((seconds + 1))
    if [ $((seconds % 3)) -eq 0 ] && kill -0 "$job" 2>/dev/null; then say "still $what ($((seconds / 2)) s) ..."; fi
  done
  wait "$job"
  code=$?
  trap - INT TERM HUP
  if [ $code -ne 0 ]; then
    cat "$log" >&2
    rm -f "$log"
    echo "quickstart: $what failed; the lines above say why." >&2
    exit 1
  fi
  rm -f "$log"
}

# Nothing that goes into the program is newer than it.
is_built() {
  [ -f "$program" ] && [ -z "$(find "$root/src" "$project" "$root"/*.props "$root/global.json" -newer "$program" -type f \
    -not -path '*/obj/*' -not -path '*/bin/*' -print -quit)" ]
}

if ! command -v dotnet >/dev/null || ! dotnet --list-sdks | grep -q '^1[0-9]\.'; then
  echo "quickstart: the .NET 10 SDK is missing. Install it (https://dotnet.microsoft.com/download/dotnet/10.0) and try again." >&2
  exit 1
fi

if ! "$root/scripts/find-postgres.sh" >/dev/null; then
  # A password that sudo may ask for is asked for here, where it can be seen.
  if [ "$(id -u)" -ne 0 ] && command -v apt-get >/dev/null && command -v sudo >/dev/null; then
    say "PostgreSQL is missing; installing it needs sudo"
    sudo -v || exit 1
  fi
  patiently "installing PostgreSQL" "$root/scripts/install-postgres.sh"
fi

if ! is_built; then
  patiently "building" dotnet build "$project" -c Release -v quiet --nologo
fi

# The psql to show is one that works as it is: not every system puts PostgreSQL's programs into the PATH.
QUICKSTART_PSQL=psql
command -v psql >/dev/null || QUICKSTART_PSQL=$("$root/scripts/find-postgres.sh")/psql
# exec keeps the process, and with it a start time from before the build: the demo counts from here.
QUICKSTART_BEGAN=$(date +%s%3N)
# Small garbage collections instead of a large young heap: 105 MB resident instead of 175 (one process, at rest). Only the environment can say it.
export QUICKSTART_PSQL QUICKSTART_BEGAN DOTNET_GCgen0size=${DOTNET_GCgen0size:-0x400000}
exec dotnet "$program" "$@"
