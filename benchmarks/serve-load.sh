#!/usr/bin/env bash
# `byol serve` under load: 64 connections embed a photo on loopback, for each batch size; latencies, errors and memory at the end.
# usage: benchmarks/serve-load.sh ENCODER.onnx PHOTO [SECONDS [BATCH_SIZE...]]        (default 60 s, 1 8 32; needs wrk and a release build)
set -euo pipefail
cd "$(dirname "$0")/.."
encoder=$1
photo=$2
seconds=${3:-60}
sizes=("${@:4}")
[ ${#sizes[@]} -gt 0 ] || sizes=(1 8 32)
byol=artifacts/bin/ByolSharp.Cli/release/byol
connections=64
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT

cat >"$work/embed.lua" <<LUA
local file = io.open("$photo", "rb")
wrk.method = "POST"
wrk.body = file:read("*a")
wrk.headers["Content-Type"] = "application/octet-stream"
LUA

memory() { awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$server/status"; }

echo "| batch size | requests/s | 50% | 75% | 90% | 99% | errors | MiB before | MiB after |"
echo "|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
for size in "${sizes[@]}"; do
  rm -f "$work/address"
  "$byol" serve --onnx "$encoder" --port 0 --batch-size "$size" --json >"$work/address" 2>"$work/log" &
  server=$!
  until [ -s "$work/address" ]; do
    kill -0 "$server" 2>/dev/null || { cat "$work/log"; exit 1; }
    sleep 0.2
  done
  address=$(sed 's/.*"address":"\([^"]*\)".*/\1/' "$work/address")
  wrk -t 1 -c "$connections" -d 5 -s "$work/embed.lua" "$address/embed" >/dev/null # so that memory and tiers have settled
  before=$(memory)
  wrk -t 1 -c "$connections" -d "$seconds" --timeout 30 --latency -s "$work/embed.lua" "$address/embed" >"$work/wrk"
  after=$(memory)
  errors=$(grep -E 'Socket errors|Non-2xx' "$work/wrk" | tr -s ' ' | tr '\n' ';' || true)
  at() { awk -v p="$1%" '$1 == p { print $2 }' "$work/wrk"; }
  echo "| $size | $(awk '/Requests\/sec/ { print $2 }' "$work/wrk") | $(at 50) | $(at 75) | $(at 90) | $(at 99) | ${errors:-0} | $before | $after |"
  kill "$server"
  wait "$server"
  server=
done
