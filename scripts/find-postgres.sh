#!/usr/bin/env bash
# Prints the folder of PostgreSQL's server programs, the newest first found; fails if there are none.
set -uo pipefail

# Debian and Ubuntu, Red Hat and Fedora, Homebrew; then the PATH.
found=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -Vr | head -n 1)
[ -n "$found" ] || found=$(compgen -G '/usr/pgsql-*/bin/initdb' | sort -Vr | head -n 1)
[ -n "$found" ] || found=$(compgen -G '/opt/homebrew/opt/postgresql*/bin/initdb' | sort -Vr | head -n 1)
[ -n "$found" ] || found=$(compgen -G '/usr/local/opt/postgresql*/bin/initdb' | sort -Vr | head -n 1)
[ -n "$found" ] || found=$(command -v initdb) || exit 1
dirname "$found"
