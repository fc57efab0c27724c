#!/bin/sh
# Runs the C tests and the command-line tests; the last line counts both. Called by `make test` from the project's root.
log=$(mktemp)
OMP_WAIT_POLICY=passive ./tests/test > "$log" 2>&1 || echo "tests/test: exit $?" >> "$log"
sh tests/cli.sh >> "$log" 2>&1 || echo "tests/cli.sh: exit $?" >> "$log"
grep -v -E '^[0-9]+ passed, [0-9]+ failed$' "$log"
# A suite that died before its closing line counts as a failure.
awk '/^[0-9]+ passed, [0-9]+ failed$/ { passed += $1; failed += $3; suites++ }
     END { failed += 2 - suites; printf "%d passed, %d failed\n", passed, failed; exit failed > 0 }' "$log"
status=$?
rm -f "$log"
exit $status
