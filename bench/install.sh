#!/usr/bin/env bash
# Installs the peers that `make bench` measures beside ours, once; called by it from the project's root. vdirsyncer and
# Radicale live in an environment of their own (.bench/venv), so that their dependencies and ours never mix. Nothing here
# fails the run: a peer that is missing afterwards is named in the table.
set -uo pipefail
mkdir -p .bench
wanted="vdirsyncer==0.21.0 radicale==3.9.0"
if [ "$(cat .bench/installed 2>/dev/null)" != "$wanted" ]; then
  echo "installing $wanted (once)"
  "${PYTHON:-python3}" -m venv .bench/venv
  if [ -x .venv/bin/uv ]; then .venv/bin/uv pip install -q --python .bench/venv/bin/python --compile-bytecode $wanted
  else .bench/venv/bin/python -m pip install -q --disable-pip-version-check $wanted; fi && echo "$wanted" >.bench/installed
fi
missing=()
for peer in unison rclone; do command -v "$peer" >/dev/null || missing+=("$peer"); done
if [ ${#missing[@]} = 0 ]; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing ${missing[*]} (once)"
  apt="apt-get -o DPkg::Lock::Timeout=300 -qq"
  export DEBIAN_FRONTEND=noninteractive
  for attempt in 1 2 3; do
    if $apt update >/dev/null && $apt install -y --no-install-recommends "${missing[@]}" >.bench/apt.log 2>&1; then break; fi
    echo "apt-get is busy or failed (attempt $attempt, .bench/apt.log)"
    sleep 5
  done
fi
exit 0
