#!/usr/bin/env bash
# Two network namespaces as two machines: two replicas train over the wire between them, the wire is cut, the job must end by itself within the
# limit, and go on from its checkpoint once the wire is whole. Needs root, iproute2 and Open MPI.
# usage: scripts/two-hosts.sh [BYOL]        (default: the release build of the tool)
set -euo pipefail
cd "$(dirname "$0")/.."
byol=${1:-$PWD/artifacts/bin/ByolSharp.Cli/release/byol}
timeout=10
limit=60 # of the whole end: the timeout, the question who is missing, and the end of mpirun
. scripts/two-namespaces.sh

train() {
  launch "$byol" pretrain demo:train --out "$work/run" "$@" --batch-size 32 --backbone resnet8 --image-size 16 --set byol.hiddenSize=64 \
    --set byol.projectionSize=32 --set trainer.checkpointEvery=5steps --set trainer.logEvery=1steps --set trainer.threads=1 \
    --set replicas.timeout=${timeout}s --no-report
}

echo "training over $(ip -n byol0 -brief addr show wire0)"
train --steps 100000 >"$work/log" 2>&1 &
job=$!
until [ "$(cat "$work/run/metrics.jsonl" 2>/dev/null | wc -l)" -ge 10 ]; do
  kill -0 $job 2>/dev/null || { cat "$work/log"; exit 1; }
  sleep 0.2
done

echo "cutting the wire after $(wc -l <"$work/run/metrics.jsonl") steps"
SECONDS=0
ip -n byol1 link set wire1 down
while kill -0 $job 2>/dev/null; do
  [ $SECONDS -lt $limit ] || { echo "still running after $SECONDS s"; tail -20 "$work/log"; exit 1; }
  sleep 0.2
done
status=0; wait $job || status=$?
echo "ended after $SECONDS s with exit code $status"
grep -E "^byol:|lost communication|daemon:" "$work/log" || { tail -20 "$work/log"; exit 1; }
for ((tenths = 0; tenths < 200; tenths++)); do
  [ -n "$(ip netns pids byol0; ip netns pids byol1)" ] || break
  sleep 0.1
done
if [ -n "$(ip netns pids byol0; ip netns pids byol1)" ]; then
  echo "processes were left behind:"; ps -o pid,args -p "$(echo $(ip netns pids byol0; ip netns pids byol1) | tr ' ' ,)"; exit 1
fi

echo "mending the wire and going on"
ip -n byol1 link set wire1 up
step=$(grep -o '"step": *[0-9]*' "$work/run/checkpoints/last/manifest.json" | grep -o '[0-9]*')
train --steps 100000 --resume >"$work/log" 2>&1 &
job=$!
until grep -q "resumed at step" "$work/log" && [ "$(tail -1 "$work/run/metrics.jsonl" | grep -o '"step":[0-9]*' | grep -o '[0-9]*')" -gt $((step + 10)) ]; do
  kill -0 $job 2>/dev/null || { cat "$work/log"; exit 1; }
  sleep 0.2
done
grep "resumed at step" "$work/log"
echo "and on to step $(tail -1 "$work/run/metrics.jsonl" | grep -o '"step":[0-9]*' | grep -o '[0-9]*')"
