import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LakeAddresses } from '#lake-in-a-box/addresses.ts';
import type { OnProgress } from '#lake-in-a-box/jars.ts';
import { startService, type Launched, type Service } from '#lake-in-a-box/launch.ts';
import { stopProcess } from '#lake-in-a-box/process.ts';
import { startSpark } from './spark.ts';
import { startTrino } from './trino.ts';
import { startWatchdog } from './watchdog.ts';

/** The lake that the engines read. */
export type LakeToRead = Required<Pick<LakeAddresses, 'defaultFs' | 'metastore'>>;

/** Engines that are being started, as each of them sees it. */
export interface EngineSite {
  readonly folder: string;
  readonly lake: LakeToRead;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  /** Starts a service and waits until it works. */
  readonly start: (service: Service) => Promise<void>;
}

/** Where the engines answer. */
export interface EngineAddresses {
  readonly trino: string;
  readonly spark: string;
}

/** Running engines. */
export interface Engines {
  readonly addresses: EngineAddresses;
  readonly stop: () => Promise<void>;
}

/** An open site, and how to end what was started there. */
interface OpenSite {
  readonly site: EngineSite;
  readonly abort: AbortController;
  readonly stop: () => Promise<void>;
}

function openSite(lake: LakeToRead, onProgress: OnProgress): OpenSite {
  const folder = mkdtempSync(join(tmpdir(), 'lakewarden-engines-'));
  const watch = startWatchdog(folder);
  const running: Launched[] = [];
  const abort = new AbortController();
  const start = async (service: Service): Promise<void> => {
    const began = Date.now();
    const onStart = (launched: Launched): void => {
      running.push(launched);
      watch(launched);
    };
    await startService(folder, service, onStart, abort.signal);
    onProgress(`${service.name} is ready after ${((Date.now() - began) / 1000).toFixed(1)} s`);
  };
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((launched) => stopProcess(launched, launched.stopSignal)));
    rmSync(folder, { recursive: true, force: true });
  };
  return { site: { folder, lake, signal: abort.signal, onProgress, start }, abort, stop };
}

/**
 * Starts Trino and Spark on a lake, on free ports of 127.0.0.1, with all they write in a temporary folder. They end with
 * this process, even after a `kill -9`. Throws `lake.failed`, and then nothing is left running.
 */
export async function startEngines(lake: LakeToRead, onProgress: OnProgress): Promise<Engines> {
  const { site, abort, stop } = openSite(lake, onProgress);
  const started = [startTrino(site), startSpark(site)] as const;
  try {
    const [trino, spark] = await Promise.all(started);
    return { addresses: { trino, spark }, stop };
  } catch (error) {
    abort.abort(error);
    await Promise.allSettled(started);
    await stop();
    throw error;
  }
}

/** The same for Trino alone. */
export async function startTrinoAlone(
  lake: LakeToRead,
  onProgress: OnProgress,
): Promise<Pick<Engines, 'stop'> & { readonly trino: string }> {
  const { site, stop } = openSite(lake, onProgress);
  try {
    return { trino: await startTrino(site), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
