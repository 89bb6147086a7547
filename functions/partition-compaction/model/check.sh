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

undo='-DFIRST=undo -DFILES=0 -DJOINED=2'
# What two runs are about: merge, undo, rename (a rewrite that replaces the file), swap (one that is joined behind it).
verify none 'two merges'
verify none 'two merges, with a reader that reads what it listed' -DREADER
verify none 'an undo and a merge' $undo -DSECOND=merge
verify none 'two undos' $undo -DSECOND=undo
verify none 'two undos beside another file' -DFIRST=undo -DSECOND=undo -DFILES=2 -DJOINED=4
verify none 'an undo and a rewrite by rename' $undo -DSECOND=rename
verify none 'an undo and a rewrite by CONCAT' $undo -DSECOND=swap
verify none 'a rewrite by rename and a merge' -DFIRST=rename
verify none 'a rewrite by CONCAT and a merge' -DFIRST=swap
verify none 'rewrites by rename and by CONCAT' -DFIRST=rename -DSECOND=swap

verify found 'a reader that asks for the length of the target anew, at a merge' -DREADER -DREOPEN
verify found 'a reader that asks for the length of the target anew, at an undo' $undo -DREADER -DREOPEN

verify found 'without the journal' -DNO_LEASE -DROWS_ONLY
verify found 'without the last look' -DNO_LOOK -DROWS_ONLY
verify found 'without the last look, at a rewrite by rename' -DFIRST=rename -DNO_LOOK -DROWS_ONLY
verify found 'without the last look, at an undo' $undo -DNO_LOOK -DROWS_ONLY
verify found 'without a look at the journal in it' -DNO_JOURNAL_LOOK -DROWS_ONLY
verify found 'without a look at the journal in it, at a rewrite by rename' -DFIRST=rename -DNO_JOURNAL_LOOK -DROWS_ONLY
verify found 'without deleting the hidden file first, where an answer is lost' -DNO_FENCE -DROWS_ONLY
verify found 'without deleting the hidden file first, at a rewrite by rename' -DFIRST=rename -DNO_FENCE -DROWS_ONLY
verify found 'without deleting the gate first, where an undo is settled' $undo -DSECOND=undo -DNO_GATE_FENCE -DROWS_ONLY
verify found 'with the tail in a second CONCAT' -DSPLIT -DROWS_ONLY
verify found 'with a merge that is known by the files that are gone' -DGUESS_MERGE -DROWS_ONLY
verify found 'with an undo that knows its file by the inode alone' $undo -DNO_LENGTH -DROWS_ONLY
verify found 'with a gate that is taken for raised because it has gone' $undo -DSECOND=undo -DGUESS_MOVED -DROWS_ONLY
verify found 'with an undo that tells by names whether its gate was raised' $undo -DSECOND=undo -DGUESS_GATE -DROWS_ONLY
verify found 'without removing what late undos leave' $undo -DSECOND=undo -DNO_GARBAGE
verify found 'without a look at the journal before that' $undo -DSECOND=undo -DNO_GARBAGE_LOOK -DROWS_ONLY
exit $failed
