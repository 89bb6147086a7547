/*
 * The commit protocol of partition-compaction, for Spin (`make model`).
 *
 * One partition: a target, two sources, a third that a writer adds at any time. Two compactors; each may die at any step. Any
 * answer may be lost, and a request that nobody waits for any more may be performed at any later time, or never. A reader
 * lists the folder at any time and reads what it listed. There is no clock: any journal may count as over its time at any
 * moment, which is worse than any clock.
 *
 * Each safeguard can be taken out by a macro (NO_...), and then the checker must find the fault. Undo, and a stranger who
 * replaces a file between the last look and the CONCAT, are not in the model.
 */

#define RUNS 3 /* two compactors, and a last run to which nothing happens */
#define HAS(set, member) (((set) >> (member)) & 1)

byte files = 3;      /* the sources that stand in the folder, as bits */
byte written = 3;    /* those that writers have written so far */
byte listed = 0;     /* those that the target's footer lists beside its own rows */
byte version = 0;    /* changes with the target */
bool broken = false; /* the target's footer is not one for the whole file */

byte journal = 0;       /* the run that holds the partition */
byte closed[RUNS + 1];  /* closed journals by the run in their name: the run whose journal it is */
bool draft[RUNS + 1];
bool tail[RUNS + 1];
byte chosen[RUNS + 1];  /* the sources that a run joins, and the target that its tail is made for */
byte planned[RUNS + 1];

/* Requests on their way that nobody waits for any more. */
bool lateConcat[RUNS + 1];
bool lateClaim[RUNS + 1];
bool lateClose[RUNS + 1];

byte working = 3; /* two compactors and the writer */

/* Each row once, at every moment. */
inline check() {
  assert(!broken);
  assert((files & listed) == 0);
  assert((files | listed) == written)
}

/* What the NameNode does at one stroke. */

inline concat(me) {
  d_step {
    if
    :: tail[me] && (chosen[me] & files) == chosen[me] ->
       if
       :: planned[me] != version -> broken = true
       :: else -> skip
       fi;
#ifdef SPLIT
       /* The sources first, and the tail by a second CONCAT. */
       broken = true;
       check();
       broken = false;
#endif
       files = files & ~chosen[me];
       listed = listed | chosen[me];
       tail[me] = false;
       version++;
       check()
    :: else -> skip
    fi
  }
}

inline claim(me, done) {
  d_step {
    if
    :: draft[me] && journal == 0 -> journal = me; draft[me] = false; done = true
    :: else -> done = false
    fi
  }
}

inline close(name) {
  d_step {
    if
    :: journal != 0 && closed[name] == 0 -> closed[name] = journal; journal = 0
    :: else -> skip
    fi
  }
}

/* Before each step a process may die. */
#define MAY_DIE if :: faulty -> goto dead :: true fi

proctype Compactor(byte me; bool faulty) {
  byte holder, other, tries, seen;
  bool ok;
  /* Plan: one listing. Which files fit together is another matter, so any of them may. */
  atomic {
    planned[me] = version;
    if
    :: chosen[me] = files
    :: faulty && HAS(files, 0) -> chosen[me] = 1
    :: faulty && HAS(files, 1) -> chosen[me] = 2
    fi
  }

#ifndef NO_LEASE
  MAY_DIE;
  draft[me] = true;
take:
  MAY_DIE;
  if
  :: claim(me, ok)
  :: faulty -> claim(me, ok); goto doubt         /* its answer is lost */
  :: faulty -> lateClaim[me] = true; goto doubt
  fi;
  if
  :: ok -> goto held
  :: else -> skip
  fi;
  holder = journal;
  MAY_DIE;
  if
  :: tries == 2 || faulty -> draft[me] = false; goto dead   /* leave it to the other one */
  :: tries < 2 && holder == 0 -> tries++; goto take
  :: tries < 2 && holder != 0 -> tries++; close(holder); goto take
  :: tries < 2 && holder != 0 && faulty -> lateClose[holder] = true; draft[me] = false; goto dead
  fi;
doubt:
  /* Without the draft, a claim that is still on its way fails. */
  draft[me] = false;
  MAY_DIE;
  if
  :: journal == me -> skip
  :: else -> goto dead
  fi;
held:
  skip;
  /* Settle: tails of others first, then their journals. */
  d_step {
    seen = 0;
    other = 1;
    do
    :: other <= RUNS -> seen = seen | ((tail[other] && other != me) << other); other++
    :: else -> break
    od;
    other = 0
  }
  MAY_DIE;
#ifndef NO_FENCE
  d_step {
    other = 1;
    do
    :: other <= RUNS -> tail[other] = (tail[other] && !HAS(seen, other)); other++
    :: else -> break
    od
  }
  MAY_DIE;
#endif
  d_step {
    seen = 0;
    other = 1;
    do
    :: other <= RUNS -> closed[other] = 0; other++
    :: else -> break
    od;
    other = 0
  }
#endif

  if
  :: chosen[me] == 0 -> goto give
  :: else -> skip
  fi;
  MAY_DIE;
  tail[me] = true;
  MAY_DIE;
#ifndef NO_LOOK
  /* The last look: the listing first, the journal after it. */
  ok = ((chosen[me] & files) == chosen[me] && planned[me] == version && tail[me]);
#ifndef NO_JOURNAL_LOOK
#ifndef NO_LEASE
  MAY_DIE;
  ok = (ok && journal == me);
#endif
#endif
#else
  ok = true;
#endif
  if
  :: ok ->
     MAY_DIE;
     if
     :: concat(me)
     :: faulty -> lateConcat[me] = true
     fi
  :: else -> skip
  fi;
  MAY_DIE;
#ifndef NO_FENCE
  tail[me] = false;
#endif
give:
#ifndef NO_LEASE
  MAY_DIE;
  if
  :: close(me)
  :: faulty -> lateClose[me] = true
  fi;
  if
  :: closed[me] == me -> MAY_DIE; closed[me] = 0
  :: else -> skip
  fi;
#endif
dead:
  working--
}

/* Performs what is on its way, or loses it. */
#define LATE(me) \
  :: atomic { lateConcat[me] -> lateConcat[me] = false; if :: concat(me) :: skip fi } \
  :: atomic { lateClaim[me] -> lateClaim[me] = false; if :: claim(me, ok) :: skip fi; ok = false } \
  :: atomic { lateClose[me] -> lateClose[me] = false; if :: close(me) :: skip fi }

active proctype Network() {
  bool ok;
end:
  do
  LATE(1)
  LATE(2)
  od
}

active proctype Writer() {
  if
  :: d_step { files = files | 4; written = written | 4 }
  :: skip
  fi;
  working--
}

#ifdef READER
/* Lists, opens the sources, then the target. Bytes that were listed stay readable in it. */
active proctype Reader() {
  byte there, inTarget, expected;
  d_step { there = files; inTarget = listed; expected = written }
  if
  :: (there & files) != there -> goto failed /* loudly: file not found */
  :: else -> skip
  fi;
#ifdef REOPEN
  inTarget = listed; /* it asks for the target's length anew */
#endif
  assert((there & inTarget) == 0);
  assert((there | inTarget) == expected);
failed:
  skip
}
#endif

#define IDLE (!lateConcat[1] && !lateConcat[2] && !lateClaim[1] && !lateClaim[2] && !lateClose[1] && !lateClose[2])

/* However it went, one more run ends with everything in the one file, and with nothing left over. */
active proctype Last() {
  byte me;
  atomic {
    run Compactor(1, true);
    run Compactor(2, true)
  }
  atomic { working == 0 && IDLE -> working = 1 }
  run Compactor(3, false);
  working == 0;
  check();
#ifndef ROWS_ONLY
  assert(listed == written && journal == 0);
  me = 1;
  do
  :: me <= RUNS -> assert(!tail[me] && closed[me] == 0); me++
  :: else -> break
  od
#endif
}
