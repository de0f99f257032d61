#!/usr/bin/env bash
# Time of a step and share of exchange for 1 and 2 replicas pinned to a core each, each with the same number of samples, interleaved. Beside them two
# processes that know nothing of one another: what they lose against one alone, caches and memory cost, and not the exchange.
# usage: benchmarks/replica-scaling.sh [REPEATS [STEPS [SAMPLES_EACH]]]        (default 3 12 64; needs a release build and Open MPI)
set -euo pipefail
cd "$(dirname "$0")/.."
byol=${BYOL:-artifacts/bin/ByolSharp.Cli/release/byol}
repeats=${1:-3} steps=${2:-12} each=${3:-64}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=()
[ "$(id -u)" -eq 0 ] && root=(--allow-run-as-root)

# train NAME BATCH LAUNCHER...
train() {
  "${@:3}" "$byol" pretrain demo:train --out "$work/$1" --steps "$steps" --batch-size "$2" --backbone resnet20 --image-size 32 \
    --set trainer.logEvery=1steps --set trainer.scoreEvery=0steps --set trainer.checkpointEvery=1000steps --set data.workers=1 \
    --set "$engine" --no-report >"$work/$1.log" 2>&1 || { tail -5 "$work/$1.log"; exit 1; }
}

for ((i = 0; i < repeats; i++)); do
  engine=replicas.engine=mpi
  for count in 1 2; do
    train "$count-$i" $((count * each)) mpirun -np "$count" --bind-to core ${root[@]+"${root[@]}"}
  done
  engine=replicas.engine=single
  train "apart-$i-0" "$each" taskset -c 0 &
  train "apart-$i-1" "$each" taskset -c 1
  wait $!
done

# The first two steps allocate and compile; other programs only ever make a step longer, so the quickest quarter tells what it costs.
report() {
  cat "$work/$1"-*/metrics.jsonl | grep -v -E '"step":[12],' | sed -E 's/.*"samples_per_second":([0-9.]+).*/\1 &/; s/^([0-9.]+) .*"replica_share":([0-9.E-]+).*/\1 \2/; s/^([0-9.]+) \{.*/\1 0/' |
    sort -rn | awk -v what="$2" -v batch="$3" '{ speed[NR] = $1; share[NR] = $2 }
      END { n = int((NR + 3) / 4); m = int((n + 1) / 2); printf "%s: %.0f ms a step, %.1f samples/s, %.1f%% of the time exchange (median of the quickest %d of %d steps)\n",
        what, 1000 * batch / speed[m], speed[m], 100 * share[m], n, NR }'
}
report 1 "1 replica" "$each"
report 2 "2 replicas" $((2 * each))
report apart "2 processes apart, each" "$each"
