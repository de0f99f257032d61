#!/usr/bin/env bash
# Cold start with large data: seconds and peak memory of a training of one step, beside those with 1,000 files.
# The data: 1,000 small bitmaps; lists whose lines reach them through links to their folder, a folder of hard links, a tar of that folder, and
# shards of 1,000 members, as many as give LINES members in all.
# usage: benchmarks/large-data.sh [LINES [FILES [WORK]]]        (default 1000000 100000 and a temporary folder; needs a release build)
set -euo pipefail
cd "$(dirname "$0")/.."
lines=${1:-1000000}
files=${2:-100000}
byol=${BYOL:-artifacts/bin/ByolSharp.Cli/release/byol}
[ -x "$byol" ] || dotnet build -c Release src/ByolSharp.Cli
if [ $# -ge 3 ]; then work=$3; mkdir -p "$work"; else work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; fi

if [ ! -d "$work/real" ]; then
  benchmarks/noise-bitmaps.sh "$work/real" 1000 16
  mkdir "$work/folder"
  for d in $(seq -f %04g 0 $((lines / 1000 - 1))); do ln -s real "$work/d$d"; done
  for d in $(seq -f %04g 0 $((files / 1000 - 1))); do cp -al "$work/real" "$work/folder/class$d"; done
  awk -v n="$lines" 'BEGIN { for (i = 0; i < n; i++) printf "d%04d/%04d.bmp\tclass%d\n", int(i / 1000), i % 1000, i % 100 }' >"$work/list.txt"
  awk -v n="$lines" 'BEGIN { print "path,label"; for (i = 0; i < n; i++) printf "d%04d/%04d.bmp,class%d\n", int(i / 1000), i % 1000, i % 100 }' >"$work/list.csv"
  tar -cf "$work/folder.tar" --hard-dereference -C "$work" folder
  mkdir "$work/shards" && tar -cf "$work/shards/0000.tar" -C "$work" real
  for d in $(seq -f %04g 1 $((lines / 1000 - 1))); do ln "$work/shards/0000.tar" "$work/shards/$d.tar"; done
fi

for data in real list.txt list.csv folder folder.tar shards; do
  /usr/bin/time -f "%e s, %M KiB at most: $data" "$byol" pretrain "$work/$data" --out "$work/run" --overwrite --steps 1 --batch-size 32 \
    --backbone resnet8 --image-size 16 --set trainer.threads=1 --set byol.hiddenSize=64 --set byol.projectionSize=32 --set trainer.tensorBoard=false --no-report >/dev/null
done
