#!/usr/bin/env bash
# Time of a step and share of exchange for 1 and 2 replicas pinned to a core each, each with the same number of samples, interleaved.
# usage: benchmarks/replica-scaling.sh [REPEATS [STEPS [SAMPLES_EACH]]]        (default 3 12 64; needs a release build and Open MPI)
set -euo pipefail
cd "$(dirname "$0")/.."
byol=${BYOL:-artifacts/bin/ByolSharp.Cli/release/byol}
repeats=${1:-3} steps=${2:-12} each=${3:-64}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=()
[ "$(id -u)" -eq 0 ] && root=(--allow-run-as-root)
for ((i = 0; i < repeats; i++)); do
  for count in 1 2; do
    mpirun -np "$count" --bind-to core ${root[@]+"${root[@]}"} "$byol" pretrain demo:train --out "$work/$count-$i" --steps "$steps" --batch-size $((count * each)) \
      --backbone resnet20 --image-size 32 --set trainer.logEvery=1steps --set trainer.scoreEvery=0steps --set trainer.checkpointEvery=1000steps \
      --set data.workers=1 --set replicas.engine=mpi --no-report >"$work/log" 2>&1 || { tail -5 "$work/log"; exit 1; }
  done
done
# The first two steps allocate and compile; other programs only ever make a step longer, so the quickest quarter tells what it costs.
for count in 1 2; do
  cat "$work/$count"-*/metrics.jsonl | grep -v -E '"step":[12],' | sed -E 's/.*"samples_per_second":([0-9.]+).*/\1 &/; s/^([0-9.]+) .*"replica_share":([0-9.E-]+).*/\1 \2/; s/^([0-9.]+) \{.*/\1 0/' |
    sort -rn | awk -v count="$count" -v each="$each" '{ speed[NR] = $1; share[NR] = $2 }
      END { n = int((NR + 3) / 4); m = int((n + 1) / 2); printf "%d replicas: %.0f ms a step, %.1f samples/s, %.1f%% of the time exchange (median of the quickest %d of %d steps)\n",
        count, 1000 * count * each / speed[m], speed[m], 100 * share[m], n, NR }'
done
