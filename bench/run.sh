#!/usr/bin/env bash
# Measures failover, switchover and rest of this version, and of Patroni with HAProxy where they are installed, and the planner.
# Writes docs/benchmarks.md and docs/benchmarks/. With the defaults it takes about 30 minutes; the machine should have nothing else to do.
# usage: bench/run.sh [options]      bench/run.sh --help lists them; --no-planner leaves the planner out
# needs: PostgreSQL, etcd (Debian: etcd-server); for the comparison also patroni and haproxy. STOLON_PROGRAM: measure that program instead of building it.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

options=() planner=1 help=0
for option in "$@"; do
  case $option in
    --no-planner) planner=0 ;;
    -h | --help) help=1 ;;
    *) options+=("$option") ;;
  esac
done

dotnet build bench/Stolon.Comparison -c Release -v quiet --nologo
comparison=bench/Stolon.Comparison/bin/Release/net10.0/Stolon.Comparison.dll
if [ $help = 1 ]; then
  sed -n '2,5s/^# //p' "$0"
  exec dotnet "$comparison" --help
fi

binaries=$(./scripts/find-postgres.sh) || { echo "PostgreSQL was not found: run scripts/install-postgres.sh" >&2; exit 1; }
program=${STOLON_PROGRAM:-}
if [ -z "$program" ]; then
  echo "building the stolon command"
  program=artifacts/bench/stolon
  ./scripts/publish.sh "linux-$(dotnet --info | sed -n 's/^ *Architecture: *//p' | head -n 1)" artifacts/bench >/dev/null
fi

if [ $planner = 1 ]; then
  echo "measuring the planner"
  dotnet build bench/Stolon.Benchmarks -c Release -v quiet --nologo
  dotnet bench/Stolon.Benchmarks/bin/Release/net10.0/Stolon.Benchmarks.dll \
    --filter '*' --job short --inProcess --exporters GitHub --artifacts artifacts/planner >artifacts/planner.log
  options+=(--planner-report artifacts/planner/results/Stolon.Benchmarks.PlannerBenchmarks-report-github.md)
fi

exec dotnet "$comparison" --stolon "$program" --pg-bin-path "$binaries" "${options[@]}"
