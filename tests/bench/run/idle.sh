# shellcheck shell=bash disable=SC2034,SC2154
# What a server costs that has nothing to do.

measure_idle() {
  local took resident threads kib
  if [ ! -e "$work/idle" ]; then
    start_server idle
    stop_server || true
    strip -o "$work/stripped" "$bin/baluhostd"
  fi
  read -r took resident threads < <(python3 "$here/run/idle.py" starts "$bin/baluhostd" \
    "$work/idle/baluhost.toml" 1)
  note start ours "$took"
  note idle ours "$resident"
  note threads ours "$threads"
  note binary ours "$(stat -c %s "$work/stripped" | awk '{ print $1 / 1048576 }')"
  start_server connections server.max_connections=15000
  kib=$(python3 "$here/run/idle.py" connections "${url##*:}" "$server_pid" 10000)
  note connections ours "$kib"
  stop_server || true
}
