#!/usr/bin/env bash
# How a step fares beside one other busy program: alone, beside it, and alone again. Usage: benchmarks/neighbour.sh [bench options]
set -euo pipefail
source "$(dirname "$0")/bench-rows.sh"

header
row "alone" "$@"
while :; do :; done &
neighbour=$!
trap 'kill $neighbour 2>/dev/null || true' EXIT
row "beside a busy program" "$@"
kill $neighbour
trap - EXIT
row "alone again" "$@"
