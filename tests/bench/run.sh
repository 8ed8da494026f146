#!/bin/sh
# make bench: prints the table that README.md shows. The bench leaves its directory for a look; this removes it.
set -eu
build/release/tests/bench/bench_sqlite "$@"
echo
build/release/tests/bench/bench_durability
rm -rf /tmp/d2db-bench.??????
