#!/usr/bin/env bash
# Two replicas in two network namespaces, over a wire of a given speed: steps with gradients summed after the backward pass, and during it.
# usage: benchmarks/slow-network.sh [MBIT [REPEATS [STEPS]]]        (default 200 3 12; needs root, iproute2, Open MPI and a release build)
set -euo pipefail
cd "$(dirname "$0")/.."
mbit=${1:-200} repeats=${2:-3} steps=${3:-12} batch=64
byol=${BYOL:-$PWD/artifacts/bin/ByolSharp.Cli/release/byol}
. scripts/two-namespaces.sh
for i in 0 1; do
  ip netns exec "byol$i" tc qdisc add dev "wire$i" root tbf rate "${mbit}mbit" burst 256kb latency 400ms
done

for ((i = 0; i < repeats; i++)); do
  for overlap in false true; do
    launch "$byol" pretrain demo:train --out "$work/$overlap-$i" --steps "$steps" --batch-size "$batch" --backbone resnet18 --image-size 64 \
      --set byol.hiddenSize=4096 --set byol.projectionSize=256 --set trainer.logEvery=1steps --set trainer.scoreEvery=0steps \
      --set trainer.checkpointEvery=1000steps --set data.workers=1 --set trainer.threads=1 --set replicas.overlapGradients=$overlap \
      --no-report >"$work/log" 2>&1 || { tail -5 "$work/log"; exit 1; }
  done
done
for overlap in false true; do
  cat "$work/$overlap"-*/metrics.jsonl | grep -v -E '"step":[12],' | sed -E 's/.*"samples_per_second":([0-9.]+).*"replica_share":([0-9.E-]+).*/\1 \2/' | sort -n |
    awk -v overlap=$overlap -v batch=$batch -v mbit="$mbit" '{ speed[NR] = $1; share[NR] = $2 }
      END { m = int((NR + 1) / 2); printf "%s Mbit/s, replicas.overlapGradients=%s: %.0f ms a step, %.0f%% of it in meetings (median of %d steps; quickest %.0f, slowest %.0f ms)\n",
        mbit, overlap, 1000 * batch / speed[m], 100 * share[m], NR, 1000 * batch / speed[NR], 1000 * batch / speed[1] }'
done
