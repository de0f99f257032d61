#!/usr/bin/env bash
# Kills a training with SIGKILL at random moments, resumes it each time, and compares the encoder with that of an undisturbed run.
# usage: scripts/kill-resume.sh [KILLS [SEED]]        (default 20 kills; needs a release build)
set -euo pipefail
cd "$(dirname "$0")/.."
kills=${1:-20}
RANDOM=${2:-$$}
byol=artifacts/bin/ByolSharp.Cli/release/byol
[ -x "$byol" ] || dotnet build -c Release src/ByolSharp.Cli
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# With $replace_shell=exec the tool takes the place of a background shell, so that a signal to it reaches the tool itself.
replace_shell=
train() {
  $replace_shell "$byol" pretrain demo:train --out "$1" "${@:2}" --steps $((kills * 30)) --batch-size 32 --backbone resnet8 --image-size 16 \
    --set byol.hiddenSize=64 --set byol.projectionSize=32 --set trainer.checkpointEvery=5steps --set trainer.logEvery=5steps --no-report
}

echo "undisturbed run"
train "$work/whole" >"$work/whole.log" 2>&1

for ((i = 1; i <= kills; i++)); do
  before=$(grep -o '"step": *[0-9]*' "$work/killed/checkpoints/last/manifest.json" 2>/dev/null | grep -o '[0-9]*' || echo 0)
  (replace_shell=exec; train "$work/killed" --resume >"$work/killed.log" 2>&1) &
  pid=$!
  sleep "$((RANDOM % 3 + 1)).$((RANDOM % 1000))"
  if ! kill -9 "$pid" 2>/dev/null; then
    wait "$pid" && echo "kill $i: the run had already ended" && break
    echo "kill $i: resuming failed:"; tail -3 "$work/killed.log"; exit 1
  fi
  wait "$pid" 2>/dev/null || true
  if grep -q "damaged" "$work/killed.log"; then
    echo "kill $i: a checkpoint was damaged"; exit 1
  fi
  echo "kill $i: was at step $before"
done

echo "last resume"
train "$work/killed" --resume >"$work/killed.log" 2>&1
if cmp "$work/whole/encoder.safetensors" "$work/killed/encoder.safetensors" && cmp "$work/whole/checkpoints/last/state.safetensors" "$work/killed/checkpoints/last/state.safetensors"; then
  echo "same: the encoder and the whole state equal those of the undisturbed run, bit for bit"
else
  exit 1
fi
