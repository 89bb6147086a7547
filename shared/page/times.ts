const latest = 8_640_000_000_000_000;

/** A time in milliseconds as ISO 8601, in UTC; times that no calendar has become the nearest that it has. */
export function isoTime(milliseconds: number): string {
  return new Date(Math.min(latest, Math.max(-latest, Math.round(milliseconds)))).toISOString();
}

/** A time of a report as people read it: `2026-11-21 20:15`, in UTC. */
export function shortTime(iso: string): string {
  return iso.replace('T', ' ').replace(/:\d\d\.\d+Z$/, '');
}

/** How long something takes, roughly: `3 min`, `5 h`, `12 days`. Never negative. */
export function span(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  if (minutes < 1) return 'under a minute';
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${amount(Math.floor(hours / 24))} days`;
}

/** A number, or the digits of a whole one, with commas between thousands. */
export function amount(number: number | string): string {
  const value = typeof number === 'string' ? BigInt(number) : number;
  return value.toLocaleString('en', { maximumFractionDigits: 2 });
}

/** `1 letter`, `24 letters`. */
export function count(number: number | string, noun: string): string {
  return `${amount(number)} ${noun}${String(number) === '1' ? '' : 's'}`;
}
