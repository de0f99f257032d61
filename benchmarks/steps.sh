#!/usr/bin/env bash
# A training step of each kind of backbone, as a Markdown table. Usage: benchmarks/steps.sh [DATA] > benchmarks/results/CPU/steps.md
# DATA: images to decode and augment, for example what `write-png` of the kernel benchmarks wrote; default: generated ones.
set -euo pipefail
source "$(dirname "$0")/bench-rows.sh"
data=(${1:+--data "$1"})

header
row "small-cpu: resnet8-strided, 24 px, batch 128" "${data[@]}"
row "resnet20, 32 px, batch 256" "${data[@]}" --backbone resnet20 --image-size 32 --batch-size 256
row "resnet20, 32 px, batch 256, the paper's views and heads" "${data[@]}" --preset cifar10-r18 --backbone resnet20 --image-size 32 --batch-size 256
row "resnet18, ImageNet stem, 32 px, batch 256" "${data[@]}" --preset cifar10-r18 --set backbone.stem=imageNet --batch-size 256
row "resnet18, small stem, 32 px, batch 64" "${data[@]}" --preset cifar10-r18 --batch-size 64
row "resnet18, 128 px, batch 16" "${data[@]}" --preset imagenette-r18 --batch-size 16
row "resnet50, 224 px, batch 4" "${data[@]}" --preset imagenet-r50-100ep --batch-size 4
row "vit-tiny, 32 px, patch 4, batch 64" "${data[@]}" --preset cifar10-r18 --backbone vit-tiny --batch-size 64
row "vit-small, 224 px, batch 4" "${data[@]}" --preset imagenet-r50-100ep --backbone vit-small --batch-size 4
