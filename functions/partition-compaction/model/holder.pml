/* What runs do while they hold the partition. Inlines of the compactor: they use its variables and its labels. */

/* Takes note in one listing of what others left: their fences, and gates and pieces that no closed journal tells of. */
inline listOthers() {
  d_step {
    seen = 0;
    stray = 0;
    shut = 0;
    other = 1;
    do
    :: other <= RUNS ->
       shut = shut | ((closed[other] != 0) << other);
       seen = seen | ((fence[other] && other != me) << other);
       stray = stray | (((gate[other] || staged[other] != 0) && other != me && closed[1] != other && closed[2] != other && closed[3] != other) << other);
       other++
    :: else -> break
    od;
    other = 0
  }
}

/* Gives the pieces of a run their names, the target's last. Fails when an answer is lost. */
inline revealAll(who) {
  piece = 3;
  do
  :: piece > 0 && !failed ->
     piece--;
     if
     :: HAS(staged[who], piece) ->
        ok = (gateAt == who);
        MAY_DIE;
        if
        :: reveal(who, piece, ok)
        :: faulty -> reveal(who, piece, ok); failed = true
        :: faulty && (piece > 0 || ok) -> lateReveal[who] = piece + 1; failed = true
        fi
     :: else -> skip
     fi
  :: else -> break
  od
}

/* A rename that comes late; the one of the target was to overwrite the gate. What is taken is left. */
inline revealLate(who, which) {
  if
  :: which > 0 && HAS(files, which) -> skip
  :: else -> reveal(who, which, true)
  fi
}

/* Whether the gate of a run has been in its place, as far as the folder tells. */
inline judgeGate(who) {
  d_step {
    piece = (HAS(chosen[who], 1) -> 1 : (HAS(chosen[who], 2) -> 2 : 0));
    forwards = (inode != plannedInode[who] && (gateAt == who || (!HAS(staged[who], piece) && HAS(files, piece))));
    piece = 0
  }
}

inline removePieces(who) {
  d_step { staged[who] = 0; check() }
}

/* Finishes or undoes what runs before left: fences of others first, then what they tell of in their journals. */
inline settle() {
  listOthers();
  MAY_DIE;
#ifndef NO_FENCE
  d_step {
    other = 1;
    do
    :: other <= RUNS -> fence[other] = (fence[other] && !HAS(seen, other)); other++
    :: else -> break
    od;
    other = 0
  }
  MAY_DIE;
#endif
#ifndef NO_GARBAGE
  if
  :: stray != 0 ->
#ifndef NO_GARBAGE_LOOK
     if
     :: journal != me -> goto give
     :: else -> skip
     fi;
     MAY_DIE;
#endif
     d_step {
       other = 1;
       do
       :: other <= RUNS ->
          if
          :: HAS(stray, other) -> gate[other] = false; staged[other] = 0
          :: else -> skip
          fi;
          other++
       :: else -> break
       od;
       check();
       other = 0
     }
  :: else -> skip
  fi;
#endif
  other = 1;
  do
  :: other <= RUNS ->
     then = (HAS(shut, other) -> closed[other] : 0);
     if
     :: then != 0 && work[then] == undo ->
        MAY_DIE;
#ifndef NO_GATE_FENCE
        gate[then] = false;
        MAY_DIE;
#endif
        judgeGate(then);
        MAY_DIE;
        /* For a third run that has gone on since. */
        if
        :: journal != me -> goto give
        :: else -> skip
        fi;
        if
        :: forwards -> revealAll(then)
        :: else -> skip
        fi;
        if
        :: failed -> goto give
        :: else -> skip
        fi;
        MAY_DIE;
        removePieces(then)
#ifdef GUESS_MERGE
     /* A guess by what is there no more takes a merge of another for this one. */
     :: then != 0 && work[then] == merge && chosen[then] != 0 ->
        assert(!(plannedVersion[then] != version && (chosen[then] & files) == 0 && top != then))
#endif
     :: else -> skip
     fi;
     if
     :: HAS(shut, other) -> MAY_DIE; closed[other] = 0
     :: else -> skip
     fi;
     other++
  :: else -> break
  od;
  other = 0; then = 0; seen = 0; shut = 0; stray = 0; forwards = false; ok = false;
}

/* A merge, or a file that is written anew: the hidden file, a last look, the change. */
inline replace() {
  MAY_DIE;
  fence[me] = true;
  MAY_DIE;
#ifndef NO_LOOK
  /* The listing first, the journal after it. */
  ok = ((chosen[me] & files) == chosen[me] && plannedVersion[me] == version && fence[me]);
#ifndef NO_LEASE
  MAY_DIE;
  ok = (ok && MINE);
#endif
#else
  ok = true;
#endif
  if
  :: ok ->
     MAY_DIE;
     if
     :: change(me)
     :: faulty -> lateChange[me] = true
     fi
  :: else -> skip
  fi;
  MAY_DIE;
#ifndef NO_FENCE
  fence[me] = false;
#endif
#ifdef GUESS_MERGE
  MAY_DIE;
  settled = !(plannedVersion[me] != version && (chosen[me] & files) == 0)
#else
  settled = true
#endif
}

/* Takes a merged file apart: hidden copies of its pieces, the gate in its place, the names. */
inline takeApart() {
  MAY_DIE;
  then = version;
#ifdef NO_LENGTH
  ok = (inode == plannedInode[me]);
#else
  ok = (version == plannedVersion[me]);
#endif
  if
  :: ok ->
     /* What is copied out of another file in the meantime is never shown: the look at the target comes after it. */
     MAY_DIE;
     staged[me] = 1;
     MAY_DIE;
     /* A file that was replaced may be too short. */
     if
     :: true -> staged[me] = chosen[me] | 1
     :: version != then -> ok = false
     fi
  :: else -> skip
  fi;
  if
  :: ok ->
     MAY_DIE;
     gate[me] = true;
     MAY_DIE;
#ifndef NO_LOOK
     ok = (version == then);
     MAY_DIE;
     ok = (ok && MINE);
#endif
     if
     :: ok ->
        MAY_DIE;
        sent = true;
        if
        :: atomic { ok = gate[me]; change(me) }
        :: faulty -> change(me); ok = false
        :: faulty -> lateChange[me] = true; ok = false
        fi;
        if
        :: ok -> skip
        :: else ->
           /* No answer, or the gate was gone. */
           MAY_DIE;
#ifdef GUESS_MOVED
           ok = !gate[me]
#else
           gate[me] = false;
           MAY_DIE;
           ok = (gateAt == me)
#endif
        fi;
        if
        :: ok -> revealAll(me)
        :: else -> skip
        fi
     :: else -> skip
     fi
  :: else -> skip
  fi;
  ok = (ok && !failed && sent);
  if
  :: ok -> settled = true
  :: else -> abandon()
  fi
}

/* Ends an undo of one's own that failed. */
inline abandon() {
  failed = false;
  MAY_DIE;
  gate[me] = false;
  MAY_DIE;
#ifdef GUESS_GATE
  judgeGate(me);
  sent = false;
#else
  forwards = (sent && gateAt == me);
#endif
  MAY_DIE;
  if
  :: forwards -> revealAll(me); settled = !failed
  :: !forwards && sent && inode != plannedInode[me] -> skip
  :: else -> removePieces(me); settled = true
  fi
}
