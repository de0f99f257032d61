#!/usr/bin/env bash
# Memory of a training on one text file of SIZE_GB gigabytes: a tiny encoder, a line for every tenth of the steps.
# usage: benchmarks/text-memory.sh SIZE_GB [STEPS]        (default 300 steps; needs a release build; the file lies below TMPDIR)
set -euo pipefail
cd "$(dirname "$0")/.."
size=${1:?usage: benchmarks/text-memory.sh SIZE_GB [STEPS]}
steps=${2:-300}
byol=${BYOL:-artifacts/bin/ByolSharp.Cli/release/byol}
[ -x "$byol" ] || dotnet build -c Release src/ByolSharp.Cli
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mib() { awk -v key="$1:" '$1 == key { print int($2 / 1024) }' "/proc/$pid/status" 2>/dev/null; }

# Lines of 8 to 27 words of a vocabulary of 20,000, of which some are much more frequent: a block of 16 MiB again and again, as many random numbers take long.
awk 'BEGIN { srand(1); for (bytes = 0; bytes < 16777216; bytes += length(line) + 1) {
  line = "w" int(20000 * rand() ^ 3); for (n = 7 + int(20 * rand()); n > 0; n--) line = line " w" int(20000 * rand() ^ 3); print line } }' > "$work/block"
for ((i = 0; i < size * 1024 / 16; i++)); do cat "$work/block"; done > "$work/texts.txt"
rm "$work/block"
echo "$(stat -c %s "$work/texts.txt") bytes, $(wc -l < "$work/texts.txt") lines"

start=$SECONDS
"$byol" pretrain "$work/texts.txt" --preset text-small-cpu --backbone bert-tiny --out "$work/run" --steps "$steps" --batch-size 16 \
  --set text.maxTokens=24 --set byol.hiddenSize=32 --set byol.projectionSize=16 --set trainer.threads=1 \
  --set trainer.logEvery=$((steps / 10 > 0 ? steps / 10 : 1))steps --set trainer.scoreEvery=0steps --no-report > "$work/log" 2>&1 &
pid=$!
shown=-1
while kill -0 "$pid" 2>/dev/null; do
  step=$(tail -n 1 "$work/run/metrics.jsonl" 2>/dev/null | grep -o '"step":[0-9]*' | grep -o '[0-9]*' || echo 0)
  own=$(mib RssAnon || true)
  if [ "${step:-0}" -gt "$shown" ] && [ -n "$own" ] && { [ "$step" -gt 0 ] || [ $((SECONDS - start)) -gt 1 ]; }; then
    echo "step $step after $((SECONDS - start)) s: $own MiB of its own"
    shown=$step
  fi
  if [ -n "$own" ]; then peak=$(mib VmHWM || echo "${peak:-0}"); fi
  sleep 0.5
done
wait "$pid" || { tail -n 5 "$work/log"; exit 1; }
echo "at most ${peak:-0} MiB resident, with libtorch and mapped files"
