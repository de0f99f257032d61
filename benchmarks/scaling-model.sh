#!/usr/bin/env bash
# How much of its speed a replica keeps beside others: a step's own time against the time that gradients and batch-norm statistics travel.
# usage: benchmarks/scaling-model.sh STEP_MS GRADIENT_MB NORM_LAYERS NORM_KB [LATENCY_US [ADD_MS_PER_MB]]
#   STEP_MS        a step of one replica's part of the batch, alone
#   GRADIENT_MB    gradients, 4 bytes a parameter
#   NORM_LAYERS    batch-norm layers of encoder, projector and predictor
#   NORM_KB        their statistics in one pass, 16 bytes a channel
#   LATENCY_US     of one message between two machines (default 20)
#   ADD_MS_PER_MB  adding up what arrives (default 0: a GPU adds as fast as its memory; measured on a CPU: see docs/distributed.md)
# Rings: each replica sends 2 (N - 1) / N of the data. Trees for small messages: log2 N latencies. Nothing overlaps with computing.
set -euo pipefail
awk -v step="$1" -v mb="$2" -v layers="$3" -v kb="$4" -v latency="${5:-20}" -v add="${6:-0}" 'BEGIN {
  split("10 100 400", rates); split("8 64 512", counts)
  printf "| Gbit/s |"; for (i = 1; i <= 3; i++) printf " %d replicas |", counts[i]; printf "\n|---|---|---|---|\n"
  for (r = 1; r <= 3; r++) {
    printf "| %d |", rates[r]
    for (c = 1; c <= 3; c++) {
      n = counts[c]
      ring = 2 * (n - 1) / n * mb * 8 / rates[r]                                      # ms: MB * 8 / (Gbit/s)
      meetings = 6 * layers * 2 * log(n) / log(2) * latency / 1000                     # two views: online, target, gradients
      norms = 6 * kb / 1000 * 8 / rates[r] * log(n) / log(2)
      printf " %d%% |", 100 * step / (step + ring + meetings + norms + add * mb) + 0.5
    }
    printf "\n"
  }
}'
