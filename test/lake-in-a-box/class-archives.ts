import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder, type OnProgress } from './jars.ts';
import { javaTool } from './jvm.ts';
import { runTool } from './launch.ts';

/** Seconds that making an archive may take; on a quiet machine it is ten or so. */
const patience = 600;

/** Where the archive of some jars lies, and the programs that start without it, which note what classes they load. */
interface ClassArchive {
  readonly file: string;
  readonly jars: readonly string[];
  readonly programs: string[];
}

/**
 * Classes as the Java machine has them in memory (class data sharing), an archive for each set of jars, kept for all lakes of
 * a machine: a start takes half the processor time.
 */
export class ClassArchives {
  readonly #folder: string;
  readonly #make: boolean;
  readonly #archives = new Map<string, ClassArchive>();
  readonly #java: string;

  /** Notes are written into `folder`; `java` is the version of the Java machine; `make`: archives that are missing will be made. */
  constructor(folder: string, java: string, make: boolean) {
    this.#folder = folder;
    this.#java = java;
    this.#make = make;
  }

  /** What `java` is to be told, for a program with these jars first on its class path. */
  flagsFor(program: string, jars: readonly string[]): readonly string[] {
    const { file, programs } = this.#find(jars);
    if (existsSync(file)) return [`-XX:SharedArchiveFile=${file}`];
    if (!this.#make) return [];
    programs.push(program);
    return [`-XX:DumpLoadedClassList=${this.#list(program)}`];
  }

  /** Makes the archives that are missing, of what the programs of this lake have loaded by now. */
  async makeMissing(onProgress: OnProgress, signal: AbortSignal): Promise<void> {
    const missing = [...this.#archives.values()].filter(({ programs }) => programs.length > 0);
    const made = missing.map(async (archive) => {
      const names = archive.programs.join(', ');
      onProgress(`keeping the classes of ${names} for later starts (once on this machine)`);
      try {
        await this.#archive(archive, signal);
      } catch (error) {
        signal.throwIfAborted();
        // A lake works without.
        onProgress(`the classes of ${names} were not kept: ${String(error).slice(0, 200)}`);
      }
    });
    await Promise.all(made);
  }

  #list(program: string): string {
    return join(this.#folder, `${program}.classes`);
  }

  #find(jars: readonly string[]): ClassArchive {
    const hash = createHash('sha256').update(this.#java);
    // Java takes no archive of jars that have changed.
    for (const jar of jars) {
      const { size, mtimeMs } = statSync(jar);
      hash.update(`${jar} ${size} ${mtimeMs}\n`);
    }
    const file = join(cacheFolder(), 'class-archives', `${hash.digest('hex').slice(0, 16)}.jsa`);
    const archive = this.#archives.get(file) ?? { file, jars, programs: [] };
    this.#archives.set(file, archive);
    return archive;
  }

  async #archive({ file, jars, programs }: ClassArchive, signal: AbortSignal): Promise<void> {
    mkdirSync(dirname(file), { recursive: true });
    // The last line may not be whole: the program still runs.
    const loaded = programs.flatMap((program) => readFileSync(this.#list(program), 'utf8').split('\n').slice(0, -1));
    const all = this.#list(`${programs[0]}.all`);
    writeFileSync(all, `${[...new Set(loaded)].join('\n')}\n`);
    // Another lake may be making the same one.
    const unfinished = `${file}.${process.pid}`;
    const flags = ['-Xshare:dump', '-XX:+UseSerialGC', `-XX:SharedClassListFile=${all}`];
    const args = [...flags, `-XX:SharedArchiveFile=${unfinished}`, '-cp', jars.join(':')];
    try {
      await runTool(javaTool('java'), args, this.#folder, signal, patience);
      renameSync(unfinished, file);
    } finally {
      rmSync(unfinished, { force: true });
    }
  }
}
