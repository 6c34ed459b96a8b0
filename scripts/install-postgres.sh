#!/usr/bin/env bash
# Installs PostgreSQL's server programs where apt can, without creating a cluster of its own; elsewhere it says what to install.
set -euo pipefail

if ! command -v apt-get >/dev/null; then
  cat >&2 <<'TEXT'
PostgreSQL's server programs (version 13 to 18) were not found, and this system has no apt. Install them and try again:
  Red Hat, Fedora   dnf install postgresql-server
  macOS             brew install postgresql@17
TEXT
  exit 1
fi

root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "PostgreSQL is missing, and installing it needs root: run as root: apt-get install postgresql" >&2; exit 1; }
  root=(sudo)
fi

echo "installing PostgreSQL's server programs (apt-get install postgresql) ..."
# postgresql-common would create and start a cluster "main": this says that it must not.
"${root[@]}" mkdir -p /etc/postgresql-common
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
  echo "create_main_cluster = false" | "${root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
fi

"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql postgresql-client >/dev/null
