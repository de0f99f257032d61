#!/usr/bin/env bash
# Writes square bitmaps of noise, 24 bits a pixel, named 0000.bmp and so on.
# usage: benchmarks/noise-bitmaps.sh FOLDER COUNT SIDE        (SIDE a multiple of 4)
set -euo pipefail
mkdir -p "$1"
number() { printf '\\x%02x\\x%02x\\0\\0' $(($1 % 256)) $(($1 / 256)); } # 32 bits, for printf
bytes=$(($3 * $3 * 3))
header="BM$(number $((54 + bytes)))\0\0\0\0\x36\0\0\0\x28\0\0\0$(number "$3")$(number "$3")\x01\0\x18\0"
for i in $(seq -f %04g 0 $(($2 - 1))); do
  { printf "$header"; head -c 24 /dev/zero; head -c "$bytes" /dev/urandom; } >"$1/$i.bmp"
done
