import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

/** What a request brings before its body. */
export interface Arrival {
  /** Bytes of the body as the sender announces them; undefined when it does not. */
  readonly bytes: number | undefined;
}

/** A request that was let in. */
export interface Admission {
  /** Why it must come again later after all, now that its body is here; undefined when it need not. */
  shortage(): string | undefined;
  /** To be called once, when the answer has left or the connection is gone. */
  leave(): void;
}

/** Decides over requests before their bodies are read. */
export interface Gate {
  /** Lets a request in, or says why it must come again later. */
  admit(arrival: Arrival): Admission | string;
}

/** What a process may use. */
export interface GateLimits {
  /** Bytes of memory; by default those of the container, or of the machine. */
  readonly memory?: number | undefined;
  /** Bytes of the largest body: what a sender may send who announces nothing. */
  readonly largestBody: number;
  /** Bytes for objects that live on, where they are limited. */
  readonly oldSpace?: number | undefined;
  /** Tells what is used right now, in bytes; by default asks the process. */
  readonly measure?: () => Usage;
}

/** Memory in use: all of the process, and the part for objects against what V8 lets that be. */
export interface Usage {
  readonly resident: number;
  readonly heap: number;
  readonly heapLimit: number;
}

/** Shares of memory beyond which only one request at a time is let in. */
const mostResident = 0.85;
const mostHeap = 0.8;
/** Share of the heap that bodies may have: JSON of empty objects becomes 20 times as large when it is parsed. */
const mostBodies = 1 / 16;
/** Milliseconds for which a measurement counts. */
const measuredMs = 50;

/**
 * Turns requests away while memory is short, since a process that runs out of it loses all it is at. One request at a time is
 * always let in: what others left in memory is collected only when there is work.
 */
export function createGate(limits: GateLimits): Gate {
  const { memory = ownMemory(), largestBody, oldSpace, measure = () => measureProcess(oldSpace) } = limits;
  const roomForBodies = Math.max(Math.min(memory, measure().heapLimit) * mostBodies, largestBody);
  let inside = 0;
  let bodies = 0;
  let measured: { readonly at: number; readonly reason: string | undefined } | undefined;

  /** Why memory is short. */
  function findShortage(): string | undefined {
    const now = performance.now();
    if (measured === undefined || now - measured.at > measuredMs) {
      const { resident, heap, heapLimit } = measure();
      const short = resident > memory * mostResident || heap > heapLimit * mostHeap;
      const used = `${Math.round(resident / 2 ** 20)} of ${Math.round(memory / 2 ** 20)} MiB are in use`;
      const reason = `memory is short: ${used}, ${Math.round((heap / heapLimit) * 100)} % of the heap`;
      measured = { at: now, reason: short ? reason : undefined };
    }
    return measured.reason;
  }

  return {
    admit({ bytes = largestBody }) {
      // The runtime reads no more than this, and refuses what is larger.
      const reserved = Math.min(bytes, largestBody);
      if (inside > 0) {
        if (bodies + reserved > roomForBodies) return `${inside} requests fill the room for bodies`;
        const shortage = findShortage();
        if (shortage !== undefined) return shortage;
      }
      inside += 1;
      bodies += reserved;
      let left = false;
      return {
        shortage: () => (inside > 1 ? findShortage() : undefined),
        leave() {
          if (left) return;
          left = true;
          inside -= 1;
          bodies -= reserved;
        },
      };
    },
  };
}

function ownMemory(): number {
  const [constrained, machine] = [process.constrainedMemory(), totalmem()];
  // Without a limit Node tells 0, or more than there is.
  return constrained > 0 ? Math.min(constrained, machine) : machine;
}

/** The least that V8 keeps for objects that live on, of the limit that it tells, which counts new ones thrice. */
const oldShare = 0.7;

function measureProcess(oldSpace: number | undefined): Usage {
  const { used_heap_size: heap, heap_size_limit: limit } = getHeapStatistics();
  return { resident: process.memoryUsage.rss(), heap, heapLimit: oldSpace ?? limit * oldShare };
}
