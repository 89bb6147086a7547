import pLimit from 'p-limit';

const together = pLimit(4);

/** Runs a story with its n-th call disturbed, for every n until the story makes fewer calls. @returns how many there are */
export async function atEveryCall(story: (n: number) => Promise<boolean>): Promise<number> {
  let last = Number.POSITIVE_INFINITY;
  for (let start = 1; start <= last; start += 8) {
    const numbers = Array.from({ length: 8 }, (_, index) => start + index);
    const ends = await Promise.all(
      numbers.map((n) => together(async () => ((await story(n)) ? Number.POSITIVE_INFINITY : n - 1))),
    );
    last = Math.min(last, ...ends);
  }
  return last;
}
