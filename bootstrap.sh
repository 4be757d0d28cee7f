# Shared by ./run and ./test: makes a fresh machine ready, and does nothing that is already done.
# Source it from bash, then call: need_python, need_apt PROBE REASON PACKAGE..., need_venv LOCK.
# Rule: say in one clear sentence what could not be had and what that turns off; never leave a half-made environment behind.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "$here"
missing=()                                   # what could not be installed, for the closing words of ./test

say() { printf 'stepwell: %s\n' "$*" >&2; }

need_python() {
  command -v python3 >/dev/null || { say "python3 is not installed; Stepwell needs Python 3.11 or newer."; exit 3; }
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    say "this is $(python3 --version 2>&1), but Stepwell needs Python 3.11 or newer."; exit 3; }
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
  command -v apt-get >/dev/null || return 1
  [ "$(id -u)" -eq 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

apt_updated=no
apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  if [ "$apt_updated" = no ]; then as_root apt-get -qq update >/dev/null || true; apt_updated=yes; fi
  as_root apt-get -qq install -y --no-install-recommends "$@" >/dev/null
}

# need_apt PROBE REASON PACKAGE...: install the packages unless the probe (a shell function) already succeeds.
need_apt() {
  local probe=$1 reason=$2; shift 2
  "$probe" && return 0
  if may_install; then
    say "installing system packages: $*"
    apt_install "$@" || say "the package manager could not install: $*"
  fi
  "$probe" && return 0
  say "$reason (system packages wanted: $*)"
  missing+=("$*")
  return 0
}

libraries() { PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null || true; }
has_pango() {
  local found; found=$(libraries)
  [[ $found == *libpango-1.0.so.0* && $found == *libpangoft2-1.0.so.0* && $found == *libharfbuzz-subset.so.0* ]]
}
has_venv() { python3 -c 'import ensurepip, venv' 2>/dev/null; }

make_venv() {
  need_apt has_venv "python3 cannot make a virtual environment here." python3-venv
  has_venv || { say "install python3-venv, then start again."; exit 3; }
  rm -rf .venv
  python3 -m venv .venv
}

stamp_of() { printf '.venv/.%s.%s' "$1" "$(sha256sum "$1" | cut -d' ' -f1)"; }
has_lock() { [ -e "$(stamp_of "$1")" ] && .venv/bin/python -c '' 2>/dev/null; }

# need_venv LOCK: an environment that holds the lock; the stamp skips pip while the lock is unchanged.
# A lock names everything, so pip resolves nothing: left to itself it looks at newer releases behind extras and then
# refuses them, because the lock has no hash of theirs.
need_venv() {
  local lock=$1
  has_lock "$lock" && return 0
  if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then make_venv; fi
  say "installing Python packages from $lock"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
    --only-binary :all: --require-hashes --no-deps -r "$lock"
  rm -f .venv/."$lock".*
  touch "$(stamp_of "$lock")"
}

need_paper() {
  need_apt has_pango "Pango is not installed, so PDF reports are off; everything else works." \
    libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core
}
