import type { Progress } from '#functions/partition-compaction/run.ts';
import { count, duration, paint, printable, size } from './terminal.ts';

/** Shows on standard error what is done: partitions, files, bytes, and about how long the rest will take. */
export function showCompaction(): { onProgress: (progress: Progress) => void; end: () => void } {
  const stream = process.stderr;
  const started = performance.now();
  const done = { files: 0, bytes: 0 };
  let rewriting = { path: '', since: 0 };
  const show = (line: string): void => {
    const text = paint('dim', line, stream);
    stream.write(stream.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
  };
  return {
    onProgress(progress) {
      if (progress.step === 'find') return show(`looking at ${printable(progress.topic)} …`);
      if (progress.step === 'merged') {
        done.files += progress.files;
        done.bytes += progress.bytes;
        return show(`  ${count(progress.files, 'file')} are one, ${size(progress.bytes)}: ${printable(progress.path)}`);
      }
      if (progress.step === 'rewriting') {
        const { path, written, bytes } = progress;
        if (rewriting.path !== path) rewriting = { path, since: performance.now() };
        const spent = performance.now() - rewriting.since;
        const left = duration((spent / written) * Math.max(0, bytes - written));
        if (stream.isTTY) show(`${printable(path)}: ${size(written)} written of about ${size(bytes)}, ${left} left`);
        return undefined;
      }
      if (progress.step === 'rewritten') {
        const { rowGroups, work, written } = progress.rewritten;
        const groups = `${work.rewrite.rowGroups.before} row groups are ${rowGroups}`;
        return show(`  ${groups}, ${size(written)} written: ${printable(progress.path)}`);
      }
      const { index, total } = progress;
      const spent = performance.now() - started;
      const left = index === 0 ? '' : `, about ${duration((spent / index) * (total - index))} left`;
      const sum = index === 0 ? '' : `; ${count(done.files, 'file')} (${size(done.bytes)}) merged so far${left}`;
      show(`${printable(progress.path)} (${index + 1} of ${total}): ${count(progress.files, 'small file')}${sum} …`);
    },
    end: () => void (stream.isTTY && stream.write('\r\u001b[K')),
  };
}
