import type { Progress } from '#functions/metastore-sync/run.ts';
import type { Clients } from '#functions/metastore-sync/survey.ts';
import { count, duration, paint, printable } from './terminal.ts';

/**
 * Shows on standard error which topic is looked at and, while that takes long, how far it has come: each second on a
 * terminal, in place, and each ten seconds elsewhere. The returned function ends it.
 */
export function showProgress({ hdfs, metastore }: Clients): {
  onProgress: (progress: Progress) => void;
  end: () => void;
} {
  const stream = process.stderr;
  const started = performance.now();
  let topic = '';
  const beat = (): void => {
    if (topic === '') return;
    const calls = `${count(hdfs.calls, 'HDFS call')}, ${count(metastore.calls, 'metastore call')}`;
    const line = paint('dim', `  … ${topic}: ${calls}, ${duration(performance.now() - started)}`, stream);
    stream.write(stream.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
  };
  const clear = (): void => void (stream.isTTY && stream.write('\r\u001b[K'));
  const timer = setInterval(beat, stream.isTTY ? 1_000 : 10_000).unref();
  return {
    onProgress(progress) {
      clear();
      topic = progress.step === 'survey' ? printable(progress.topic) : '';
      if (progress.step !== 'survey') return;
      const line = `looking at ${topic} (${progress.index + 1} of ${progress.total}) …`;
      stream.write(`${paint('dim', line, stream)}\n`);
    },
    end() {
      clearInterval(timer);
      clear();
    },
  };
}
