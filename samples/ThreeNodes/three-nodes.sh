#!/usr/bin/env bash
# Three nodes over etcd, all on this machine, until Ctrl+C: what they would be on three machines, with other ports instead of other addresses.
# usage: samples/ThreeNodes/three-nodes.sh [FOLDER]      needs etcd and PostgreSQL's server programs (scripts/install-*.sh)
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P) || exit 1
root=$here/../..
folder=${1:-$(mktemp -d)} || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

command -v etcd >/dev/null || { echo "three-nodes: etcd is missing; scripts/install-etcd.sh installs it" >&2; exit 1; }
"$root/scripts/find-postgres.sh" >/dev/null || { echo "three-nodes: PostgreSQL is missing; scripts/install-postgres.sh installs it" >&2; exit 1; }
dotnet build "$here" -c Release -v quiet --nologo || exit 1

mkdir -p "$folder" && chmod 711 "$folder"
for name in superuser replication; do
  [ -s "$folder/$name.password" ] || (umask 077; od -An -N12 -tx1 /dev/urandom | tr -d ' \n' >"$folder/$name.password")
done

children=()
stop() {
  trap - INT TERM EXIT
  [ ${#children[@]} -gt 1 ] && kill -TERM "${children[@]:1}" 2>/dev/null
  for child in "${children[@]:1}"; do wait "$child"; done
  [ ${#children[@]} -gt 0 ] && kill -TERM "${children[0]}" && wait "${children[0]}"
  echo "stopped; everything is kept in $folder"
}
trap 'stop; exit 0' INT TERM
trap stop EXIT

# Children ignore the terminal's Ctrl+C: this script ends them in order.
start() { (trap '' INT; exec "$@") & children+=($!); }

start etcd --name one --data-dir "$folder/etcd" --log-level error --logger zap \
  --listen-client-urls http://127.0.0.1:25379 --advertise-client-urls http://127.0.0.1:25379 \
  --listen-peer-urls http://127.0.0.1:25380 --initial-advertise-peer-urls http://127.0.0.1:25380 --initial-cluster one=http://127.0.0.1:25380 \
  >"$folder/etcd.log" 2>&1
for node in 1 2 3; do
  start dotnet "$here/bin/Release/net10.0/ThreeNodes.dll" --contentRoot "$here" \
    "Stolon:orders:Store:Endpoints:0=http://127.0.0.1:25379" \
    "Stolon:orders:Keeper:Uid=node$node" "Stolon:orders:Keeper:DataDirectory=$folder/node$node" "Stolon:orders:Keeper:Port=$((25400 + node))" \
    "Stolon:orders:Keeper:SuperuserPasswordFile=$folder/superuser.password" \
    "Stolon:orders:Keeper:ReplicationPasswordFile=$folder/replication.password" \
    "Stolon:orders:Sentinel:InitialClusterSpecFile=$here/cluster.json" \
    "Stolon:orders:Proxy:Port=$((25410 + node))" >"$folder/node$node.log" 2>&1
done

psql=$(command -v psql || echo "$("$root/scripts/find-postgres.sh")/psql")
export PGPASSFILE=$folder/pgpass
(umask 077; for node in 1 2 3; do echo "127.0.0.1:$((25410 + node)):*:postgres:$(cat "$folder/superuser.password")"; done >"$PGPASSFILE")
echo "starting; logs are in $folder (node1.log, node2.log, node3.log, etcd.log)"
tries=0
until "$psql" -qAt -h 127.0.0.1 -p 25411 -U postgres -c 'create table if not exists visits (at timestamptz default now())' postgres >/dev/null 2>&1; do
  for child in "${children[@]}"; do
    kill -0 "$child" 2>/dev/null || { echo "three-nodes: a process has ended; the logs in $folder say why" >&2; exit 1; }
  done
  tries=$((tries + 1))
  [ $tries -lt 120 ] || { echo "three-nodes: the cluster did not come up; the logs in $folder say why" >&2; exit 1; }
  [ $((tries % 2)) -eq 1 ] || echo "... waiting for the first primary"
  sleep 1
done
echo
echo "the cluster is up; each node's proxy leads to the primary:"
for node in 1 2 3; do echo "  PGPASSFILE=$PGPASSFILE $psql -h 127.0.0.1 -p $((25410 + node)) -U postgres postgres      # through node $node"; done
echo "Ctrl+C ends everything; kill -9 one of the nodes (${children[*]:1}) to see another take over"
wait -n "${children[@]:1}"
while [ -n "$(jobs -rp)" ]; do wait -n; done
