// XXH64 with the seed 0 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md), in halves of 32 bits: BigInt takes ten times as
// long. The number that is worked on stands in these two.
let high = 0;
let low = 0;

/** A hash of 64 bits in two halves. */
export interface Hash64 {
  high: number;
  low: number;
}

const [p1High, p1Low] = [0x9e37_79b1, 0x85eb_ca87];
const [p2High, p2Low] = [0xc2b2_ae3d, 0x27d4_eb4f];
const [p3High, p3Low] = [0x1656_67b1, 0x9e37_79f9];
const [p4High, p4Low] = [0x85eb_ca77, 0xc2b2_ae63];
const [p5High, p5Low] = [0x27d4_eb2f, 0x1656_67c5];

/** Hashes the bytes from `start` to `end`, and puts the hash into `out`. */
export function xxhash64(bytes: DataView, start: number, end: number, out: Hash64): void {
  let at = start;
  if (end - start >= 32) at = hashStripes(bytes, start, end);
  else set(p5High, p5Low);
  add(0, end - start);
  for (; at + 8 <= end; at += 8) {
    const [before, beneath] = [high, low];
    round(0, 0, bytes.getInt32(at + 4, true), bytes.getInt32(at, true));
    set(high ^ before, low ^ beneath);
    rotate(27);
    multiply(p1High, p1Low);
    add(p4High, p4Low);
  }
  if (at + 4 <= end) {
    const [before, beneath] = [high, low];
    set(0, bytes.getInt32(at, true));
    multiply(p1High, p1Low);
    set(high ^ before, low ^ beneath);
    rotate(23);
    multiply(p2High, p2Low);
    add(p3High, p3Low);
    at += 4;
  }
  for (; at < end; at++) {
    const [before, beneath] = [high, low];
    set(0, bytes.getUint8(at));
    multiply(p5High, p5Low);
    set(high ^ before, low ^ beneath);
    rotate(11);
    multiply(p1High, p1Low);
  }
  low ^= high >>> 1;
  multiply(p2High, p2Low);
  set(high ^ (high >>> 29), low ^ ((low >>> 29) | (high << 3)));
  multiply(p3High, p3Low);
  out.high = high;
  out.low = low ^ high;
}

/** Four numbers, each of every fourth eight bytes. */
const lanes = new Int32Array(8);

function hashStripes(bytes: DataView, start: number, end: number): number {
  set(p1High, p1Low);
  add(p2High, p2Low);
  lanes[0] = high;
  lanes[1] = low;
  lanes[2] = p2High;
  lanes[3] = p2Low;
  lanes[4] = 0;
  lanes[5] = 0;
  set(~p1High, ~p1Low);
  add(0, 1);
  lanes[6] = high;
  lanes[7] = low;
  let at = start;
  for (; at + 32 <= end; at += 32)
    for (let lane = 0; lane < 8; lane += 2) {
      const word = at + lane * 4;
      round(
        lanes[lane] as number,
        lanes[lane + 1] as number,
        bytes.getInt32(word + 4, true),
        bytes.getInt32(word, true),
      );
      lanes[lane] = high;
      lanes[lane + 1] = low;
    }
  let [sumHigh, sumLow] = [0, 0];
  for (let lane = 0; lane < 8; lane += 2) {
    set(lanes[lane] as number, lanes[lane + 1] as number);
    rotate(rotations[lane >>> 1] as number);
    add(sumHigh, sumLow);
    [sumHigh, sumLow] = [high, low];
  }
  for (let lane = 0; lane < 8; lane += 2) {
    round(0, 0, lanes[lane] as number, lanes[lane + 1] as number);
    set(high ^ sumHigh, low ^ sumLow);
    multiply(p1High, p1Low);
    add(p4High, p4Low);
    [sumHigh, sumLow] = [high, low];
  }
  return at;
}

const rotations = [1, 7, 12, 18];

function round(sumHigh: number, sumLow: number, wordHigh: number, wordLow: number): void {
  set(wordHigh, wordLow);
  multiply(p2High, p2Low);
  add(sumHigh, sumLow);
  rotate(31);
  multiply(p1High, p1Low);
}

function set(newHigh: number, newLow: number): void {
  high = newHigh | 0;
  low = newLow | 0;
}

function add(moreHigh: number, moreLow: number): void {
  const sum = (low >>> 0) + (moreLow >>> 0);
  high = (high + moreHigh + (sum > 0xffff_ffff ? 1 : 0)) | 0;
  low = sum | 0;
}

/** To the left, by 1 to 31 bits. */
function rotate(bits: number): void {
  const before = high;
  high = (high << bits) | (low >>> (32 - bits));
  low = (low << bits) | (before >>> (32 - bits));
}

function multiply(byHigh: number, byLow: number): void {
  const a = low & 0xffff;
  const b = low >>> 16;
  const c = byLow & 0xffff;
  const d = byLow >>> 16;
  // Each product and sum is below 2^53, and so exact.
  const middle = b * c + ((a * c) >>> 16);
  const carried = b * d + (middle >>> 16) + ((a * d + (middle & 0xffff)) >>> 16);
  high = (carried + Math.imul(high, byLow) + Math.imul(low, byHigh)) | 0;
  low = Math.imul(low, byLow);
}
