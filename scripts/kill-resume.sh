#!/usr/bin/env bash
# Kills a training with SIGKILL at random moments, resumes it each time, and compares the encoder with that of an undisturbed run.
# With several replicas it is any of them, or mpirun itself, that dies, and none may be left behind.
# usage: scripts/kill-resume.sh [KILLS [SEED [REPLICAS]]]        (default 20 kills of one process; needs a release build)
set -euo pipefail
cd "$(dirname "$0")/.."
kills=${1:-20}
RANDOM=${2:-$$}
replicas=${3:-1}
byol=${BYOL:-artifacts/bin/ByolSharp.Cli/release/byol}
[ -x "$byol" ] || dotnet build -c Release src/ByolSharp.Cli
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
launch=()
if [ "$replicas" -gt 1 ]; then
  launch=(mpirun -np "$replicas" --oversubscribe --bind-to none)
  [ "$(id -u)" -eq 0 ] && launch+=(--allow-run-as-root)
fi

# With $replace_shell=exec the tool takes the place of a background shell, so that a signal to it reaches the tool itself.
replace_shell=
train() {
  $replace_shell ${launch[@]+"${launch[@]}"} "$byol" pretrain demo:train --out "$1" "${@:2}" --steps $((kills * 30)) --batch-size 32 --backbone resnet8 --image-size 16 \
    --set byol.hiddenSize=64 --set byol.projectionSize=32 --set trainer.checkpointEvery=5steps --set trainer.logEvery=5steps --set trainer.threads=1 \
    --set replicas.timeout=60s --no-report
}

# The process itself, or one of mpirun's and mpirun.
victim_of() {
  local all
  mapfile -t all < <(echo "$1"; if [ "$replicas" -gt 1 ]; then pgrep -P "$1" || true; fi)
  echo "${all[RANDOM % ${#all[@]}]}"
}

# Waits until no process of the killed run is left.
wait_for_all() {
  for ((tenths = 0; tenths < 300; tenths++)); do
    pgrep -f -- "--out $work/killed " >/dev/null || return 0
    sleep 0.1
  done
  echo "kill $i: a process was left behind:"; pgrep -af -- "--out $work/killed "; exit 1
}

echo "undisturbed run"
SECONDS=0
train "$work/whole" >"$work/whole.log" 2>&1 &
until [ -s "$work/whole/metrics.jsonl" ] || ! kill -0 $! 2>/dev/null; do sleep 0.1; done
start=$((SECONDS + 1)) # on a busy machine it takes long until there is anything to lose
wait $! || { tail -3 "$work/whole.log"; exit 1; }

for ((i = 1; i <= kills; i++)); do
  before=$(grep -o '"step": *[0-9]*' "$work/killed/checkpoints/last/manifest.json" 2>/dev/null | grep -o '[0-9]*' | head -1 || echo 0)
  (replace_shell=exec; train "$work/killed" --resume >"$work/killed.log" 2>&1) &
  pid=$!
  sleep "$((RANDOM % (start + 2) + 1)).$((RANDOM % 1000))"
  if ! kill -9 "$(victim_of "$pid")" 2>/dev/null; then
    wait "$pid" && echo "kill $i: the run had already ended" && break
    echo "kill $i: resuming failed:"; tail -3 "$work/killed.log"; exit 1
  fi
  wait "$pid" 2>/dev/null || true
  wait_for_all
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
