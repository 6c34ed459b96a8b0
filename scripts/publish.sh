#!/usr/bin/env bash
# Makes the stolon command for one platform: one file that needs no .NET on the machine, with links of stolon's own executable names.
# usage: scripts/publish.sh [RID [FOLDER [PROPERTY…]]]     for example scripts/publish.sh linux-arm64 artifacts/arm64
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
rid=${1:-linux-x64}
folder=${2:-artifacts/$rid}

# The platform's own packages are no part of the lock files, so these stay as they are.
dotnet publish src/Stolon.Cli -c Release -r "$rid" -o "$folder" -v quiet --nologo \
  -p:NuGetLockFilePath=obj/publish.lock.json -p:RestoreLockedMode=false -p:DebugType=none -p:PublishDocumentationFiles=false "${@:3}"
for name in stolon-keeper stolon-sentinel stolon-proxy stolonctl; do
  ln -sf stolon "$folder/$name"
done
ls -l "$folder"
