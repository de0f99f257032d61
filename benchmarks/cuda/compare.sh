#!/usr/bin/env bash
# ByolSharp beside BYOL in plain PyTorch on the same GPU, with the PyTorch's own libtorch under both. Turns alternate; the ratio is of medians.
#
#   benchmarks/cuda/compare.sh [BACKBONE [IMAGE_SIZE [BATCH_SIZE]]]      default: resnet50 224 256
#
# Needs a GPU, Python with torch 2.10 for CUDA and torchvision, and the .NET SDK. PYTHON names another interpreter; TURNS (3) and SECONDS_EACH (20)
# set how often and how long each side runs.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}
backbone=${1:-resnet50} size=${2:-224} batch=${3:-256} turns=${TURNS:-3} seconds=${SECONDS_EACH:-20}
BYOL_LIBTORCH=$("$python" -c 'import os, torch; print(os.path.join(os.path.dirname(torch.__file__), "lib"))')
export BYOL_LIBTORCH
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT
dotnet publish -c Release -v q -p:ByolBackend=none src/ByolSharp.Cli -o "$output/byol"

for turn in $(seq "$turns"); do
  "$python" benchmarks/cuda/byol_pytorch.py --backbone "$backbone" --image-size "$size" --batch-size "$batch" --seconds "$seconds" --repeats 1 \
    | tail -1 | tee -a "$output/peer.jsonl"
  dotnet "$output/byol/byol.dll" bench --json --device cuda --backbone "$backbone" --image-size "$size" --batch-size "$batch" \
    --seconds "$seconds" --repeats 1 --preset imagenet-r50-300ep --set optimizer.kind=sgd --set trainer.precision=bfloat16 --set data.augmentOn=device \
    | tail -1 | tee -a "$output/ours.jsonl"
done

"$python" - "$output" <<'PYTHON'
import json, statistics, sys
peer, ours = ([json.loads(line)["samples_per_second"] for line in open(f"{sys.argv[1]}/{name}.jsonl")] for name in ("peer", "ours"))
for name, speeds in (("PyTorch", peer), ("ByolSharp", ours)):
    print(f"{name}: {statistics.median(speeds):.0f} images/s ({min(speeds):.0f} to {max(speeds):.0f}, {len(speeds)} turns)")
print(f"ByolSharp / PyTorch: {statistics.median(ours) / statistics.median(peer):.2f}")
PYTHON
