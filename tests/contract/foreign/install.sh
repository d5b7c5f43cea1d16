#!/usr/bin/env bash
# Installs the clients by other people that the sandbox is checked with; called by `make test`, from the project's root.
# Nothing here fails the run: what is missing afterwards is told by the tests, in red (MAILSYNC_REQUIRE_FOREIGN=1: failed).
set -uo pipefail
here=tests/contract/foreign
mkdir -p .foreign

if command -v npm >/dev/null && [ ! "$here/node_modules/.package-lock.json" -nt "$here/package-lock.json" ]; then
  echo "installing clients for Node (once)"
  npm --prefix "$here" ci --no-audit --no-fund --ignore-scripts --loglevel=error && touch "$here/node_modules/.package-lock.json"
fi

wheel=cumulusci-4.10.1-py3-none-any.whl
if [ ! -f ".foreign/$wheel" ]; then
  echo "fetching recorded describes of real organisations (once)"
  .venv/bin/python -m pip download -q --disable-pip-version-check --no-deps -d .foreign cumulusci==4.10.1
fi

if [ ! -f /usr/share/davmail/davmail.jar ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing DavMail (once)"
  apt="apt-get -o DPkg::Lock::Timeout=300 -qq"
  export DEBIAN_FRONTEND=noninteractive
  for attempt in 1 2 3; do
    if $apt update >/dev/null && $apt install -y --no-install-recommends davmail-server >.foreign/davmail.log 2>&1; then break; fi
    echo "apt-get is busy or failed (attempt $attempt, .foreign/davmail.log)"
    sleep 5
  done
fi
exit 0
