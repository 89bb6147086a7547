import type { Scope } from '#functions/compliance-scan/model/resource.ts';
import type { ScopeOutcome } from '#functions/compliance-scan/scan/scan-batch.ts';
import { count, paint, printable } from './terminal.ts';

/**
 * Shows on standard error what is being listed, in place on a terminal, and a line for each listing that shows something or broke
 * off. The returned function ends it.
 */
export function showScanProgress(): {
  onPage: (scope: Scope, resources: number) => void;
  onScope: (outcome: ScopeOutcome) => void;
  end: () => void;
} {
  const stream = process.stderr;
  const running = new Map<string, number>();
  const clear = (): void => void (stream.isTTY && stream.write('\r\u001b[K'));
  const beat = (): void => {
    const shown = [...running].map(([id, resources]) => `${printable(id)} ${resources}`).join(', ');
    if (shown === '' || !stream.isTTY) return;
    stream.write(`\r\u001b[K${paint('dim', `  … ${shown}`.slice(0, (stream.columns ?? 80) - 1), stream)}`);
  };
  let empty = 0;
  const timer = setInterval(beat, 500).unref();
  return {
    onPage: ({ id }, resources) => void running.set(id, resources),
    onScope({ scope: { id }, resources, error, transitions }) {
      running.delete(id);
      clear();
      if (resources === 0 && error === undefined && transitions.length === 0) {
        empty += 1;
        return;
      }
      const changes = transitions.length === 0 ? '' : `, ${count(transitions.length, 'change')}`;
      const line = `${printable(id)}: ${count(resources, 'resource')}${changes}`;
      if (error === undefined) stream.write(`${paint('dim', line, stream)}\n`);
      else stream.write(`${paint('yellow', `${line}; broke off: ${printable(error.message)}`, stream)}\n`);
    },
    end() {
      clearInterval(timer);
      clear();
      if (empty > 0) stream.write(`${paint('dim', `${count(empty, 'listing')} without anything in it`, stream)}\n`);
      empty = 0;
    },
  };
}
