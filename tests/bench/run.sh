#!/usr/bin/env bash
# All figures of docs/performance.md beside their references, in one table. It installs what is
# missing (apt-get, where it is root), builds the release, and measures everything in turn, round
# after round. It ends within 20 minutes, and --quick within 3 (without building).
#
#   run.sh [--quick] [--record] [--only MEASURES] [--no-build]
#
# --quick: short rounds, without the migration and the growth; then it names what is more than a
#   tenth worse than in run/recorded.json, measured once more before, and exits with 1.
# --record: puts the rows into run/recorded.json, and the growth's curves into docs/images.
# --only "gets puts": of measured by in run/rows.tsv; --only "migration growth" is possible too.
#
# BENCH_LIMIT: seconds after which it ends, for a machine that is busy.
#
# The table goes to build/bench/speed-FORM.txt and .json. Rows and goals: run/rows.tsv.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
form=full record='' only='' build=yes
arguments=("$@")
while [ $# -gt 0 ]; do
  case $1 in
    --quick) form=quick ;;
    --record) record=yes ;;
    --only) only=$2 && shift ;;
    --no-build) build='' ;;
    *) sed -n '2,16s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
  esac
  shift
done
# shellcheck disable=SC2034 # for the parts
if [ $form = full ]; then
  seconds=2 rounds=5 limit=1200
else
  seconds=1 rounds=2 limit=180
fi
limit=${BENCH_LIMIT:-$limit}

install_references() {
  local wanted=(nginx wrk curl openssl sqlite3 psql pgbench strip python3) packages=() command
  [ $form = quick ] || wanted+=(pgloader time)
  for command in "${wanted[@]}"; do
    type -P "$command" >/dev/null && continue
    case $command in
      nginx) packages+=(nginx-light) ;;
      psql) packages+=(postgresql) ;;
      pgbench) packages+=(postgresql-contrib) ;;
      strip) packages+=(binutils) ;;
      *) packages+=("$command") ;;
    esac
  done
  [ ${#packages[@]} != 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    echo "This needs: apt-get install ${packages[*]}" >&2
    exit 1
  fi
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -qy "${packages[@]}" >/dev/null
}

build_release() {
  cd "$here/../.."
  cmake --preset bench >/dev/null
  cmake --build --preset bench --target baluhostd baluhostctl baluhost-migrate bench_logins \
    bench_events bench_seal_trail >/dev/null
}

if [ -z "${BENCH_LOAD:-}" ]; then
  install_references
  [ -z $build ] || (build_release)
  BENCH_LOAD=$(cut -d' ' -f1 /proc/loadavg) exec timeout -k 20 "$limit" "$0" "${arguments[@]}"
fi

source "$here/lib.sh"
trap 'exit 1' TERM
# shellcheck disable=SC1090
for part in servers requests writes idle fill growth; do source "$here/run/$part.sh"; done
out=$root/build/bench/speed-$form
recorded=$here/run/recorded.json
mkdir -p "${out%/*}"
ulimit -n "$(ulimit -Hn)"
table() { python3 "$here/run/table.py" "$@"; }

# wanted MEASURE: is it among those that were asked for?
wanted() { [[ " ${only:-$1} " == *" $1 "* ]]; }
in_time() { [ $SECONDS -lt $((limit * $1 / 100)) ]; }

# measure_round PERCENT MEASURE …: each once, while no more than that of the time is over.
measure_round() {
  local measure percent=$1
  shift
  for measure in "$@"; do
    in_time "$percent" || return 0
    settle
    "measure_$measure"
    cat "$work/round" >>"$work/samples"
    : >"$work/round"
  done
}

main() {
  local in_turn=() measure again doubtful most=55
  [ $form = full ] || most=85
  for measure in gets bodies answers puts large logins events credentials idle; do
    ! wanted $measure || in_turn+=("$measure")
  done
  : >"$work/samples"
  : >"$work/round"
  if [ ${#in_turn[@]} != 0 ]; then
    start_all
    for ((round = 1; round <= rounds; ++round)); do
      in_time 50 || break
      echo "round $round of $rounds, after $SECONDS s" >&2
      measure_round $most "${in_turn[@]}"
    done
    # What seems worse is measured twice more: a second of noise is no finding.
    if [ $form = quick ] && [ -e "$recorded" ]; then
      for again in 1 2; do
        doubtful=$(table worse "$work/samples" "$recorded")
        [ -n "$doubtful" ] || break
        echo "once more ($again): $doubtful" >&2
        round=$((round + 1))
        # shellcheck disable=SC2086 # several words
        measure_round $most $doubtful
      done
    fi
    stop_all
    table table "$work/samples" $form "$out" >/dev/null # should the rest not end in time
  fi

  if [ $form = full ]; then
    ! wanted migration || measure_migration
    cat "$work/round" >>"$work/samples"
    : >"$work/round"
    ! wanted growth || measure_growth
    cat "$work/round" >>"$work/samples"
  fi
  table table "$work/samples" $form "$out"
  echo "After $SECONDS s; also in $out.txt and .json"
  if [ -n "$record" ]; then
    table record "$out.json" "$recorded"
    [ ! -s "$work/growth" ] || python3 "$here/run/plot.py" "$work/growth" "$root/docs/images"
  elif [ $form = quick ]; then
    if [ ! -e "$recorded" ]; then
      echo "No ratios were recorded: run.sh --record"
    else
      table compare "$work/samples" "$recorded"
    fi
  fi
}
{ main; exit 0; } # read as a whole, so that an edit meanwhile does no harm
