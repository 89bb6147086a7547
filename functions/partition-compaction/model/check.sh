#!/bin/sh
# Checks the model: the protocol as it is must have no fault, and without any one of its safeguards it must have one.
model=$(dirname "$0")/commit.pml
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

# verify <none|found> <what> <macro>...
verify() {
  expected=$1
  what=$2
  shift 2
  spin -a "$@" "$model" >"$work/spin.log" 2>&1 && mv pan.* "$work" || { cat "$work/spin.log"; exit 1; }
  cc -O2 -w -DSAFETY -DCOLLAPSE -DMEMLIM=4000 -o "$work/pan" "$work/pan.c" || exit 1
  result=$(cd "$work" && ./pan -m100000 -n)
  states=$(printf '%s\n' "$result" | sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p')
  if printf '%s' "$result" | grep -q 'errors: 0' && ! printf '%s' "$result" | grep -q 'search depth too small'; then
    found=none
  else
    found=found
  fi
  if [ $found = "$expected" ]; then mark=ok; else mark=WRONG failed=1; fi
  printf '%-5s  fault: %-5s  %9s states  %s\n' "$mark" "$found" "$states" "$what"
}

verify none 'the protocol as it is'
verify none 'with a reader that reads what it listed' -DREADER
verify found 'a reader that asks for the length of the target anew' -DREADER -DREOPEN
verify found 'without the journal' -DNO_LEASE -DROWS_ONLY
verify found 'without the last look' -DNO_LOOK -DROWS_ONLY
verify found 'without a look at the journal in it' -DNO_JOURNAL_LOOK -DROWS_ONLY
verify found 'without deleting the tail first, where an answer is lost' -DNO_FENCE -DROWS_ONLY
verify found 'with the tail in a second CONCAT' -DSPLIT -DROWS_ONLY
exit $failed
