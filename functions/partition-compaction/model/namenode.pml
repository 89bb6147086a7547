/*
 * What the folder of the partition holds, and what the NameNode does with it at one stroke. Rows are bits: bit 0 is the row of
 * the target's own file, bits 1 and 2 are those of two other files.
 */

#define RUNS 3 /* two compactors, and a last run to which nothing happens */
#define HAS(set, member) (((set) >> (member)) & 1)

#ifndef FILES
#define FILES 2   /* the other files that stand in the folder at first; what is not there a writer may add */
#endif
#ifndef JOINED
#define JOINED 0  /* those that were joined to the target before */
#endif

byte files = FILES;
byte spare = 0;                    /* restored files whose names were taken */
byte written = 1 | FILES | JOINED; /* rows that writers have written so far */

/* The target. Its inode is new after a rename onto it; its version is so after any change. */
byte own = 1;                      /* rows in its first file */
byte joined[4];                    /* what was joined to it, by layers from 1 on; a layer with nothing is a swap by CONCAT */
byte depth = 0;
byte inode = 1;
byte version = 1;
byte top = 0;                      /* the run whose tail stands at its end */
byte gateAt = 0;                   /* the run whose gate stands in its place */
bool broken = false;               /* its footer is not one for the whole file */

byte journal = 0;                  /* the run that holds the partition */
byte closed[RUNS + 1];             /* closed journals: the run whose journal it is */
bool draft[RUNS + 1];
bool fence[RUNS + 1];              /* tails, and files written anew */
bool gate[RUNS + 1];               /* gates that are not in their place yet */
byte staged[RUNS + 1];             /* restored pieces under hidden names */

/* What a run is about, as its journal tells. */
mtype = { merge, undo, rename, swap };
mtype work[RUNS + 1];
byte chosen[RUNS + 1];             /* the files that it joins or restores beside the target */
byte plannedVersion[RUNS + 1];
byte plannedInode[RUNS + 1];
byte plannedDepth[RUNS + 1];       /* layers that an undo begins with */
byte plannedRows[RUNS + 1];        /* what a file written anew holds */

/* Requests on their way that nobody waits for any more. */
bool lateChange[RUNS + 1];         /* CONCAT, rename onto the target */
bool lateClaim[RUNS + 1];
bool lateClose[RUNS + 1];
byte lateReveal[RUNS + 1];         /* one more than the piece that is to get its name */

#define INSIDE (own | joined[1] | joined[2] | joined[3])

/* Each row once, at every moment. Where the gate stands queries fail, but nothing may be lost. */
inline check() {
  assert(!broken);
  if
  :: gateAt == 0 ->
     assert((files & INSIDE) == 0 && (spare & (files | INSIDE)) == 0);
     assert((files | INSIDE | spare) == written)
  :: else ->
     assert(HAS(staged[gateAt], 0) && (files & (staged[gateAt] | INSIDE)) == 0);
     assert((files | spare | staged[gateAt] | INSIDE) == written)
  fi
}

inline claim(me, done) {
  d_step {
    if
    :: draft[me] && journal == 0 -> journal = me; draft[me] = false; done = true
    :: else -> done = false
    fi
  }
}

/* Moves the journal, whose ever it is by then, to a name that is used once. */
inline close(who, wasMine) {
  d_step {
    wasMine = (journal == who);
    if
    :: journal != 0 -> closed[journal] = journal; journal = 0
    :: else -> skip
    fi
  }
}

/* A new inode with the oldest layers of the target takes its place; what is not in them is lost. */
inline replaceTarget(layers) {
  depth = layers;
  joined[3] = 0;
  joined[2] = (layers >= 2 -> joined[2] : 0);
  joined[1] = (layers >= 1 -> joined[1] : 0);
  inode++;
  version++
}

/* The one stroke by which a run changes what is seen. Its hidden file is needed, and used up. */
inline change(me) {
  d_step {
    if
    :: (work[me] == merge || work[me] == swap) && fence[me] && (chosen[me] & files) == chosen[me] ->
       broken = (plannedVersion[me] != version);
#ifdef SPLIT
       broken = true; /* the sources first, and the tail by a second CONCAT */
       check();
#endif
       files = files & ~chosen[me];
       depth++;
       joined[depth] = chosen[me];
       top = me;
       version++;
       fence[me] = false;
       check()
    :: work[me] == rename && fence[me] ->
       own = plannedRows[me];
       top = me;
       replaceTarget(0);
       gateAt = 0;
       fence[me] = false;
       check()
    :: work[me] == undo && gate[me] ->
       replaceTarget(plannedDepth[me] - 1);
       gateAt = me;
       top = 0;
       gate[me] = false;
       check()
    :: else -> skip
    fi
  }
}

/* Gives a staged piece of a run its name: 0 is the target, by a rename that overwrites when it was to replace the gate. */
inline reveal(who, piece, overwrites) {
  d_step {
    if
    :: !HAS(staged[who], piece) -> skip
    :: HAS(staged[who], piece) && piece == 0 && overwrites ->
       replaceTarget(plannedDepth[who] - 1);
       gateAt = 0;
       staged[who] = staged[who] & 254;
       check()
    :: HAS(staged[who], piece) && piece > 0 && !HAS(files, piece) ->
       files = files | (1 << piece);
       staged[who] = staged[who] & ~(1 << piece);
       check()
    :: else -> /* its name is taken, so it gets another one */
       spare = spare | (1 << piece);
       staged[who] = staged[who] & ~(1 << piece);
       check()
    fi
  }
}
