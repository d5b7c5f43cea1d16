#!/usr/bin/env bash
# Installs the servers that tests start by themselves, and the checker of systemd's units; called by `make test`. Nothing here fails the run: what is missing is told
# by the tests, in red. Debian's package would start a cluster of its own: it is asked not to.
set -uo pipefail
missing=()
if [ -z "${MAILSYNC_TEST_DSN:-}" ] && ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then missing+=(postgresql); fi
command -v systemd-analyze >/dev/null || missing+=(systemd)
if [ ${#missing[@]} = 0 ]; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing ${missing[*]} (once)"
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
  log=$(mktemp)
  apt="apt-get -o DPkg::Lock::Timeout=300 -qq"
  export DEBIAN_FRONTEND=noninteractive
  for attempt in 1 2 3; do
    if $apt update >/dev/null && $apt install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1; then break; fi
    echo "apt-get is busy or failed (attempt $attempt, $log)"
    sleep 5
  done
fi
exit 0
