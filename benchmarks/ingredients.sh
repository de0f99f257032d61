#!/usr/bin/env bash
# What each part of `small-cpu` gains: the preset with one part changed, a short training each, kNN top-1.
# Usage: benchmarks/ingredients.sh TRAIN TEST OUT [SEEDS, for example "0 1 2"] [only these rows, a pattern]
# Appends "row | seed | steps | top1" to OUT/rows.txt and passes over what stands there, so it can be stopped and started again; means and spreads are
# in docs/results.md. STEPS (default 300) is the length; one thread each, so that several may run side by side without changing a number.
set -euo pipefail
cd "$(dirname "$0")/.."
train=$1 test=$2 out=$3 seeds=${4:-0 1 2} only=${5:-.}
BYOL=${BYOL:-artifacts/bin/ByolSharp.Cli/release/byol}
STEPS=${STEPS:-300}
mkdir -p "$out"
touch "$out/rows.txt"

both() { for one in "$@"; do echo "views.t.$one views.tPrime.$one"; done; }

# ROW SHARE-OF-STEPS SETTINGS: a share below 1 is for steps that cost more than the preset's, so that all rows cost the same.
rows() {
  echo "preset 1"
  echo "learned-predictor 1 byol.predictor=mlp"
  echo "learned-predictor-rate-x10 1 byol.predictor=mlp byol.predictorLearningRateScale=10"
  echo "projections-not-normalised 1 byol.projectionNorm=none"
  echo "no-covariance-term 1 byol.covarianceWeight=0"
  echo "weak-jitter 1" $(both brightness=0.2 contrast=0.2 saturation=0.1 hue=0.02 grayscaleProbability=0)
  echo "smallest-crop-0.08 1" $(both cropAreaMin=0.08)
  echo "smallest-crop-0.4 1" $(both cropAreaMin=0.4)
  echo "tau-0.95 1 byol.baseTargetEma=0.95"
  echo "tau-0.996 1 byol.baseTargetEma=0.996"
  echo "half-the-rate 1 optimizer.baseLearningRate=0.12"
  echo "batch-64 2 trainer.batchSize=64"
  echo "batch-256 0.5 trainer.batchSize=256"
  echo "heads-of-512 1 byol.hiddenSize=512"
  echo "heads-of-4096 ${HEADS:-0.85} byol.hiddenSize=4096 byol.projectionSize=256"
  echo "views-of-32-pixels ${SIZE32:-0.57} data.imageSize=32 data.evalSizeRatio=1"
  echo "growing-views ${GROWING:-1.17} data.startSizeRatio=0.67"
  echo "smaller-views-for-the-target ${TARGET:-1.16} byol.targetSizeRatio=0.67"
  echo "resnet8-without-stride ${STEM:-0.8} backbone.name=resnet8"
  echo "width-x1.5 ${WIDTH:-0.46} backbone.widthMultiplier=1.5"
}

knn() { "$BYOL" knn-eval "$@" --train "$train" --test "$test" --json 2>/dev/null | tail -1 | grep -oE '"top1":[0-9.e-]+' | cut -d: -f2; }

is_done() { grep -q "^$1 | $2 |" "$out/rows.txt"; }

for seed in $seeds; do
  rows | grep -E "$only" | while read -r name share settings; do
    if is_done "$name" "$seed"; then continue; fi
    steps=$(awk "BEGIN { printf \"%d\", $STEPS * $share + 0.5 }")
    run="$out/$name-$seed"
    set=()
    for setting in $settings; do set+=(--set "$setting"); done
    "$BYOL" pretrain "$train" --preset small-cpu --steps "$steps" --seed "$seed" --out "$run" --overwrite --set trainer.threads=1 --set trainer.tensorBoard=false \
      "${set[@]}" >"$run.log" 2>&1 </dev/null || { echo "$name | $seed | $steps | failed" >>"$out/rows.txt"; continue; }
    echo "$name | $seed | $steps | $(knn --run "$run" </dev/null)" >>"$out/rows.txt"
    if [ "$name" = preset ]; then
      "$BYOL" export --run "$run" --network target --out "$run.target.safetensors" >/dev/null </dev/null
      echo "target-network-evaluated | $seed | $steps | $(knn --encoder "$run.target.safetensors" </dev/null)" >>"$out/rows.txt"
    fi
    rm -rf "$run" "$run.target.safetensors"
  done
done
