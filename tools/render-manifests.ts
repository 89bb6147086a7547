import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { kubernetes, providePrograms } from '../test/kubernetes/programs.ts';

// node tools/render-manifests.ts [overlay] [file]: one file with all of an overlay, for a release. The kustomize is always the
// same one, which go.mod names, so that the same sources give the same bytes everywhere.

const [overlay = 'production', file = 'build/lakewarden.yaml'] = process.argv.slice(2);
const tell = (line: string): void => void process.stderr.write(`${line}\n`);
const programs = await providePrograms(kubernetes, tell, new AbortController().signal);
const folder = join(import.meta.dirname, '../manifests/overlays', overlay);
const { stdout } = await promisify(execFile)(join(programs, 'kubernetes'), ['kubectl', 'kustomize', folder], {
  maxBuffer: 1 << 26,
});
const head = `# Lakewarden, rendered from manifests/overlays/${overlay}. Addresses under .example, networks of 192.0.2.0/24 and digests of zeros
# are placeholders: see manifests/README.md. kubectl apply --server-side -f <this file>
`;
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${head}${stdout}`);
console.log(`${file}: ${stdout.match(/^kind: /gm)?.length ?? 0} objects`);
