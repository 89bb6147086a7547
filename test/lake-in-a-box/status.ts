import { existsSync, realpathSync } from 'node:fs';
import type { LakeAddresses } from './addresses.ts';
import { isRunning, readResidentMemory } from './process.ts';
import { processNames, readRecord, type LakeRecord, type PartName, type ProcessName } from './record.ts';

/** A process of a lake as it is now. */
interface ProcessStatus {
  readonly name: ProcessName;
  readonly part: PartName;
  readonly state: 'running' | 'gone';
  readonly pid: number;
  readonly address: string;
  /** Resident memory in MiB. */
  readonly memory: number;
  /** When it was started, in ISO 8601. */
  readonly since: string;
  /** Seconds from its start to its first right answer. */
  readonly startSeconds?: number;
}

/** A lake as it is now. */
export interface LakeStatus {
  readonly folder: string;
  /** `up`: all runs; `starting`: not all answers yet; `broken`: some of it is gone; `down`: nothing runs. */
  readonly state: 'up' | 'starting' | 'broken' | 'down';
  readonly parts: readonly PartName[];
  readonly addresses: LakeAddresses;
  readonly processes: readonly ProcessStatus[];
}

function addressOf(name: ProcessName, { addresses, ports }: LakeRecord): string {
  if (name === 'namenode') return `${addresses.webhdfs} ${addresses.defaultFs}`;
  if (name === 'standby') return addresses.webhdfsStandby ?? '';
  return name === 'datanode' ? `127.0.0.1:${ports.datanode}` : (addresses[name] ?? '');
}

/** Looks at the processes of the lake in `folder`; a lake that never was is `down`. */
export function lakeStatus(folder: string): LakeStatus {
  const record = existsSync(folder) ? readRecord(realpathSync(folder)) : undefined;
  if (record === undefined) return { folder, state: 'down', parts: [], addresses: { folder }, processes: [] };
  const { addresses, parts } = record;
  const processes = record.processes
    .toSorted((a, b) => processNames.indexOf(b.name) - processNames.indexOf(a.name))
    .map(({ name, part, pid, startTime, since, startSeconds }): ProcessStatus => {
      const state = isRunning({ pid, startTime }) ? 'running' : 'gone';
      const memory = state === 'running' ? readResidentMemory(pid) : 0;
      const address = addressOf(name, record);
      return { name, part, state, pid, address, memory, since, ...(startSeconds !== undefined && { startSeconds }) };
    });
  const running = processes.filter(({ state }) => state === 'running').length;
  const whole = record.state === 'up' ? 'up' : 'starting';
  const state = running === 0 ? 'down' : running === processes.length ? whole : 'broken';
  return { folder: addresses.folder, state, parts, addresses, processes };
}
