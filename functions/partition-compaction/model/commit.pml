/*
 * The commit protocol of partition-compaction, for Spin (`make model`).
 *
 * One partition: a target, two other files; those that are not there at first a writer adds at any time. Two compactors, of
 * which each merges, takes a merged file apart, or writes it anew; each may die at any step. Any answer may be lost, and a
 * request that nobody waits for any more may be performed at any later time, or never. There is no clock: any journal may
 * count as over its time at any moment, which is worse than any clock. So to renew one changes nothing here.
 *
 * Each safeguard can be taken out or weakened by a macro (NO_..., GUESS_...), and then the checker must find the fault. Not in the
 * model: a stranger who replaces or removes a file, three runs that are alive at once, and files of hidden names that are
 * created late; the next holder removes those by their age.
 */

#include "namenode.pml"

#ifndef FIRST
#define FIRST merge
#endif
#ifndef SECOND
#define SECOND merge
#endif

byte working = 3; /* two compactors and the writer */

/* Before each step a process may die. */
#define MAY_DIE if :: faulty -> goto dead :: true fi

#ifdef NO_JOURNAL_LOOK
#define MINE true
#else
#define MINE (journal == me)
#endif

#include "holder.pml"

proctype Compactor(byte me; bool faulty; mtype kind) {
  byte holder, other, tries, seen, shut, stray, piece, then;
  bool ok, settled, sent, failed, forwards;
  mtype about;
  /* Plan: one listing. Which files fit together is another matter, so any of them may. */
  atomic {
    work[me] = kind;
    chosen[me] = 0;
    plannedVersion[me] = version;
    plannedInode[me] = inode;
    plannedDepth[me] = depth;
    plannedRows[me] = INSIDE;
    about = kind;
    if
    :: gateAt != 0 && kind != undo -> about = 0 /* no file that can be read: there is only to settle */
    :: kind == undo && (depth == 0 || gateAt != 0) -> goto dead
    :: kind == undo && depth > 0 && gateAt == 0 -> chosen[me] = joined[depth]
    :: kind == merge && gateAt == 0 -> chosen[me] = files
    :: kind == merge && gateAt == 0 && faulty && HAS(files, 1) -> chosen[me] = 2
    :: kind == merge && gateAt == 0 && faulty && HAS(files, 2) -> chosen[me] = 4
    :: else -> skip
    fi;
    if
    :: kind == merge && chosen[me] == 0 -> about = 0
    :: else -> skip
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
  :: tries < 2 && holder != 0 -> tries++; close(me, ok); goto take
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
  settle()
#endif

  if
  :: about == 0 -> settled = true; goto give
  :: about == undo -> takeApart()
  :: else -> replace()
  fi;
give:
#ifndef NO_LEASE
  MAY_DIE;
  if
  :: close(me, ok)
  :: faulty -> close(me, ok); goto dead
  :: faulty -> lateClose[me] = true; goto dead
  fi;
  if
  :: settled && ok -> MAY_DIE; closed[me] = 0
  :: else -> skip
  fi;
#endif
dead:
  atomic {
    holder = 0; other = 0; tries = 0; seen = 0; shut = 0; stray = 0; piece = 0; then = 0; about = 0;
    ok = false; settled = false; sent = false; failed = false; forwards = false;
    working--
  }
}

/* Performs what is on its way, or loses it. */
#define LATE(me) \
  :: atomic { lateChange[me] -> lateChange[me] = false; if :: change(me) :: skip fi } \
  :: atomic { lateClaim[me] -> lateClaim[me] = false; if :: claim(me, ok) :: skip fi; ok = false } \
  :: atomic { lateClose[me] -> lateClose[me] = false; if :: close(me, ok) :: skip fi; ok = false } \
  :: atomic { lateReveal[me] > 0 -> piece = lateReveal[me] - 1; lateReveal[me] = 0; \
       if :: revealLate(me, piece) :: skip fi; piece = 0 }

active proctype Network() {
  bool ok;
  byte piece;
end:
  do
  LATE(1)
  LATE(2)
  od
}

/* Adds a file, which may happen at any time. */
active proctype Writer() {
  if
  :: !HAS(written, 2) -> d_step { files = files | 4; written = written | 4 }
  :: skip
  fi;
  working--
}

#ifdef READER
/* Lists, opens the sources, then the target. Bytes that were listed stay readable in it. */
active proctype Reader() {
  byte there, inTarget, expected;
  bool behindGate;
  d_step { INSIDE == (1 | JOINED) || version > 1 -> there = files; inTarget = INSIDE; expected = written; behindGate = (gateAt != 0) }
  if
  :: behindGate || (there & files) != there -> goto failed /* loudly: no Parquet, or file not found */
  :: else -> skip
  fi;
#ifdef REOPEN
  /* It asks for the target's length anew. */
  if
  :: gateAt != 0 -> goto failed
  :: else -> inTarget = INSIDE
  fi;
#endif
  assert((there & inTarget) == 0);
  assert((there | inTarget) == expected);
failed:
  skip
}
#endif

#define IDLE(me) (!lateChange[me] && !lateClaim[me] && !lateClose[me] && lateReveal[me] == 0)

/* However it went, one more run ends with everything in the one file, and with nothing left over. */
active proctype Last() {
  byte me;
  atomic {
    depth = (JOINED != 0 -> 1 : 0);
    joined[depth] = JOINED;
    run Compactor(1, true, FIRST);
    run Compactor(2, true, SECOND)
  }
  atomic { working == 0 && IDLE(1) && IDLE(2) -> working = 1 }
  run Compactor(3, false, 0); /* as a run does that finds something to settle */
  atomic { working == 0 -> working = 1 }
  run Compactor(3, false, merge);
  working == 0;
  check();
#ifndef ROWS_ONLY
  assert(INSIDE == written && gateAt == 0 && spare == 0 && journal == 0);
  me = 1;
  do
  :: me <= RUNS -> assert(!fence[me] && !gate[me] && staged[me] == 0 && closed[me] == 0); me++
  :: else -> break
  od
#endif
}
