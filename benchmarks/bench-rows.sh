# Sourced by the scripts beside it: runs `byol bench` and prints one Markdown row a call. SECONDS_A_STRETCH (default 10) shortens or lengthens it.
cd "$(dirname "${BASH_SOURCE[0]}")/.."
BYOL=${BYOL:-artifacts/bin/ByolSharp.Cli/release/byol}
[ -x "$BYOL" ] || dotnet build -c Release src/ByolSharp.Cli >&2

header() {
  echo "| step | images/s (slowest to fastest) | GFLOP/s | of the matrix product | waits | target, online forward, backward, optimizer + average, rest | memory |"
  echo "|---|---|---|---|---|---|---|"
}

# row TITLE [bench options]: a failed measurement is a row that says so.
row() {
  local title=$1 json
  shift
  if ! json=$("$BYOL" bench --json --seconds "${SECONDS_A_STRETCH:-10}" "$@" 2>/tmp/bench-error.$$ | tail -1); then
    echo "| $title | failed: $(tail -1 /tmp/bench-error.$$) | | | | | |"
    rm -f /tmp/bench-error.$$
    return
  fi
  rm -f /tmp/bench-error.$$
  echo "$json" | awk -v title="$title" '
    function number(key,   rest) {
      rest = $0
      if (!sub(".*\"" key "\":", "", rest)) return 0
      sub("[,}].*", "", rest)
      return rest + 0
    }
    {
      target = number("target_forward_ms"); online = number("online_forward_ms")
      backward = number("backward_ms"); optimizer = number("optimizer_ms")
      rest = number("wait_ms") + number("layout_ms") + number("logging_ms")
      all = target + online + backward + optimizer + rest
      printf "| %s | %.1f (%.1f to %.1f) | %.0f | %.0f%% of %.0f | %.1f%% | %.0f, %.0f, %.0f, %.1f, %.1f%% | %.0f MiB |\n", title, \
        number("samples_per_second"), number("slowest"), number("fastest"), number("gflops"), \
        100 * number("gflops") / number("gemm_gflops"), number("gemm_gflops"), 100 * number("data_wait"), \
        100 * target / all, 100 * online / all, 100 * backward / all, 100 * optimizer / all, 100 * rest / all, number("peak_memory") / 1048576
    }'
}
