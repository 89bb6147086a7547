import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate with its key, as files and as texts. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** An authority of a test's own, in a folder that goes with it. */
export class Authority {
  readonly folder = mkdtempSync(join(tmpdir(), 'lakewarden-authority-'));
  /** Its certificate. */
  readonly certFile = join(this.folder, 'ca.pem');
  readonly cert: string;

  constructor() {
    this.#openssl(
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-subj',
      '/CN=authority of a test',
      '-days',
      '2',
    );
    this.cert = readFileSync(this.certFile, 'utf8');
  }

  /** Signs a certificate for a host of ours, or one that is over since yesterday. */
  sign(name: string, { host = 'DNS:localhost', expired = false } = {}): Identity {
    const [keyFile, certFile] = [join(this.folder, `${name}.key`), join(this.folder, `${name}.pem`)];
    this.#openssl('req', ...newKey, '-keyout', keyFile, '-out', 'request.csr', '-subj', `/CN=${name}`);
    writeFileSync(join(this.folder, 'more.txt'), `subjectAltName=${host}\n`);
    const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'more.txt'];
    this.#openssl('x509', '-req', '-in', 'request.csr', '-out', certFile, ...signer, '-days', expired ? '-1' : '2');
    return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  }

  /** Removes its files. */
  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  #openssl(...args: readonly string[]): void {
    execFileSync('openssl', args, { cwd: this.folder, stdio: 'ignore' });
  }
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
