# Shared by the scripts: messages, and building a preset. Sourced, not run; the caller has set root.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }

# die STATUS MESSAGE: status 2 means unusable arguments.
die() {
  say "error: $2"
  if (($1 == 2)); then
    say "Try $0 --help."
  fi
  exit "$1"
}

# configure PRESET: quiet unless it fails.
configure() {
  local log
  say "configuring: preset $1"
  log=$(cmake -S "${root:?}" --preset "$1" 2>&1) || {
    say "${log}"
    die 1 "configuring preset $1 failed"
  }
}

# build PRESET [TARGET…]: a progress line on a terminal, and otherwise only what compilers say.
build() {
  local -r preset=$1
  local -a options=()
  shift
  if (($# > 0)); then
    options=(--target "$@")
  fi
  if [[ ! -t 2 || ${TERM:-dumb} == dumb ]]; then
    options+=(-- --quiet)
  fi
  say "building: preset ${preset}"
  cmake --build "${root:?}/build/${preset}" "${options[@]}" >&2 || die 1 "building preset ${preset} failed"
}
