#!/usr/bin/env bash
# Memory of a long training, over its steps and against the size of its data: a tiny network on 1,000 and on 16,000 images (12 MiB and
# 188 MiB of pixels) with 16 MiB of cache in memory and a cache folder. Fails where the memory of its own grows after the first tenth.
# usage: benchmarks/memory-curve.sh [STEPS]        (default 10000; needs a release build)
set -euo pipefail
cd "$(dirname "$0")/.."
steps=${1:-10000}
byol=${BYOL:-artifacts/bin/ByolSharp.Cli/release/byol}
[ -x "$byol" ] || dotnet build -c Release src/ByolSharp.Cli
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mib() { awk -v key="$1:" '$1 == key { print int($2 / 1024) }' "/proc/$pid/status"; }

benchmarks/noise-bitmaps.sh "$work/images" 1000 64
for d in $(seq 1 16); do mkdir -p "$work/16000"; cp -al "$work/images" "$work/16000/$d"; done
mkdir "$work/1000" && mv "$work/images" "$work/1000/"

for size in 1000 16000; do
  "$byol" pretrain "$work/$size" --out "$work/run-$size" --steps "$steps" --batch-size 8 --backbone resnet8 --image-size 16 \
    --cache "$work/cache" --set data.cacheMegabytes=16 --set backbone.widthMultiplier=0.5 --set byol.hiddenSize=32 --set byol.projectionSize=16 \
    --set trainer.threads=1 --set trainer.logEvery=$((steps / 100))steps --set trainer.checkpointEvery=$((steps / 10))steps >/dev/null &
  pid=$!
  early=0
  last=0
  shown=0
  while kill -0 "$pid" 2>/dev/null; do
    step=$(tail -n 1 "$work/run-$size/metrics.jsonl" 2>/dev/null | grep -o '"step":[0-9]*' | grep -o '[0-9]*' || echo 0)
    own=$(mib RssAnon || true)
    # After the last step the encoder is saved and reported on, which is no training.
    if [ "${step:-0}" -gt "$shown" ] && [ "$step" -lt "$steps" ] && [ -n "$own" ]; then
      echo "$size images, step $step: $own MiB of its own, $(mib RssFile || true) MiB of mapped files"
      shown=$step
      if [ "$step" -le $((steps / 10)) ]; then early=$((own > early ? own : early)); fi
      last=$own
    fi
    sleep 0.2
  done
  wait "$pid"
  if [ "$last" -gt $((early * 103 / 100)) ]; then echo "grew from $early to $last MiB"; exit 1; fi
  echo "$size images: at most $early MiB in the first tenth, $last MiB at the end"
done
