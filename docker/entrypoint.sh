#!/bin/sh
# A user without an entry in /etc/passwd, as --user 1000 has none: initdb looks its user up, so it gets one, by the library that PostgreSQL's image brings for that.
set -eu
if ! getent passwd "$(id -u)" >/dev/null; then
  for wrapper in /usr/lib/*/libnss_wrapper.so; do
    [ -e "$wrapper" ] || continue
    # To be written also in a read-only container.
    entries=$(mktemp -d /dev/shm/stolon-user.XXXXXX)
    echo "postgres:x:$(id -u):$(id -g):PostgreSQL:/var/lib/stolon:/bin/false" >"$entries/passwd"
    echo "postgres:x:$(id -g):" >"$entries/group"
    export LD_PRELOAD="$wrapper" NSS_WRAPPER_PASSWD="$entries/passwd" NSS_WRAPPER_GROUP="$entries/group"
    break
  done
fi
exec stolon "$@"
