#!/usr/bin/env bash
# Installs what the tests start themselves, where apt can: etcd, etcdctl, and ip, which cuts links. Elsewhere it says what to install.
set -euo pipefail

export PATH=$PATH:/usr/sbin:/sbin
if command -v etcd >/dev/null && command -v etcdctl >/dev/null && command -v ip >/dev/null; then
  exit 0
fi

if ! command -v apt-get >/dev/null; then
  echo "etcd, etcdctl (3.4 or later) and ip (iproute2) are not all in the PATH, and this system has no apt. Install them and try again." >&2
  exit 1
fi

root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "etcd or ip is missing, and installing them needs root. As root: apt-get install etcd-server etcd-client iproute2" >&2
    exit 1
  fi
  root=(sudo)
fi

apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 apt-get -qq -o DPkg::Lock::Timeout=300)
echo "installing etcd and ip (apt-get install etcd-server etcd-client iproute2)"
"${apt[@]}" update || echo "the package lists could not all be brought up to date; trying with those that are there" >&2
"${apt[@]}" install -y --no-install-recommends etcd-server etcd-client iproute2 -o Dpkg::Options::=--force-confold </dev/null

# The package starts a server of its own where systemd runs; nobody asked for that one.
if [ -d /run/systemd/system ]; then
  "${root[@]}" systemctl disable --now etcd || true
fi
