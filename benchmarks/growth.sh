#!/usr/bin/env bash
# Time and memory of a step against the size of the views and of the batch, as Markdown tables. Usage: benchmarks/growth.sh [DATA]
set -euo pipefail
source "$(dirname "$0")/bench-rows.sh"
data=(${1:+--data "$1"})

header
for size in 32 64 96 128 160 224; do
  row "resnet18, ImageNet stem, $size px, batch 16" "${data[@]}" --preset imagenette-r18 --image-size $size --batch-size 16
done
echo
header
for batch in 16 32 64 128 256 512; do
  row "resnet20, 32 px, batch $batch" "${data[@]}" --backbone resnet20 --image-size 32 --batch-size $batch
done
