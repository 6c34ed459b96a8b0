#!/usr/bin/env bash
# Installs PostgreSQL's server programs where apt can, without creating a cluster of its own; elsewhere it says what to install.
set -euo pipefail

if ! command -v apt-get >/dev/null; then
  cat >&2 <<'TEXT'
PostgreSQL's server programs (version 13 to 18) were not found, and this system has no apt. Install them and try again:
  Red Hat, Fedora   dnf install postgresql-server postgresql-contrib
  macOS             brew install postgresql@17
TEXT
  exit 1
fi

root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "PostgreSQL is missing, and installing it needs root. As root: apt-get install postgresql" >&2
    exit 1
  fi
  root=(sudo)
fi

# postgresql-common would create and start a cluster "main": this says that it must not.
marker=/etc/postgresql-common/createcluster.conf
# Where it is installed already the file is there, with the setting as a comment. Of several lines the last one counts.
setting=$(grep -Eis '^[[:space:]]*create_main_cluster[[:space:]=]' "$marker" | tail -n 1) || true
if ! grep -Eiq "[[:space:]=]'?(false|off|no|0)'?[[:space:]]*(#.*)?$" <<<"$setting"; then
  "${root[@]}" mkdir -p "${marker%/*}"
  echo "create_main_cluster = false" | "${root[@]}" tee -a "$marker" >/dev/null
fi

# Another apt may be at work, for example on a machine that has just started: wait for it.
apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 apt-get -qq -o DPkg::Lock::Timeout=300)
echo "installing PostgreSQL's server programs (apt-get install postgresql)"
"${apt[@]}" update || echo "the package lists could not all be brought up to date; trying with those that are there" >&2
"${apt[@]}" install -y --no-install-recommends postgresql postgresql-client -o Dpkg::Options::=--force-confold </dev/null
