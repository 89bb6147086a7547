import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { providePackages } from '../engines/downloads.ts';

const packages = ['moto[server,ec2,s3,elbv2]==5.2.5'];

/** How many of each kind an emulator is filled with. */
export interface Fill {
  readonly groups: number;
  readonly instances: number;
  readonly volumes: number;
  readonly buckets: number;
}

/** Who reaches tcp/22 of the groups, and how many resources have no owner. */
export interface Truth {
  readonly world: readonly string[];
  readonly wide: readonly string[];
  readonly closed: readonly string[];
  readonly unowned: Readonly<Record<'SecurityGroup' | 'Instance' | 'Volume' | 'Bucket', number>>;
}

/** An emulator of AWS that runs, filled. */
export interface Emulator {
  readonly url: string;
  readonly truth: Truth;
  stop(): Promise<void>;
}

/** Credentials that the emulator takes; none of anybody. */
export const credentials = { AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing' };

/** Starts moto in a process of its own, and fills it. It ends with this process at the latest. */
export async function startEmulator({ groups, instances, volumes, buckets }: Fill): Promise<Emulator> {
  const site = await providePackages(packages, (line) => console.log(line), AbortSignal.timeout(1_800_000));
  const script = new URL('emulator.py', import.meta.url).pathname;
  const sizes = [groups, instances, volumes, buckets].map(String);
  const child = spawn('python3', [script, ...sizes], {
    env: { ...process.env, ...credentials, PYTHONPATH: site },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const told = JSON.parse(line) as { readonly url: string; readonly truth: Truth };
    return {
      ...told,
      stop: async () => {
        child.stdin.end();
        await ended;
      },
    };
  }
  throw new Error('the emulator of AWS ended before it listened');
}
