import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { aCertificate } from '../../support/memory-certificate.ts';
import type { IceName, Whereabouts } from './descriptions.ts';

/** What was said and heard in one call, both ways. */
export interface Heard {
  readonly sentByBrowser: number;
  readonly heardByIms: number;
  readonly sentByIms: number;
  readonly heardByBrowser: number;
  /** Packets of another call. */
  readonly misdirected: number;
}

/** Both ends of many calls, in C: a set-up costs them no more than it costs the plane. */
export interface Talkers {
  readonly pid: number;
  /** sha-256 of the certificate that all browsers share. */
  readonly fingerprint: string;
  /** Where all phones of IMS are. */
  readonly imsPort: number;
  /** Resolves when the browser of the call has its keys, and both sides speak. */
  connect(call: number, own: IceName, plane: Whereabouts): Promise<void>;
  end(call: number): Promise<Heard>;
  stop(): Promise<void>;
}

const run = promisify(execFile);
const OWN = fileURLToPath(new URL('./talkers/', import.meta.url));
const NATIVE = fileURLToPath(new URL('../../../media-node/native/', import.meta.url));
const OWN_FILES = ['talkers', 'talk', 'ice-client'];
const NATIVE_FILES = [
  ...['address', 'hmac', 'stun', 'rtp', 'srtp', 'srtp-session'],
  ...['dtls', 'dtls-bio', 'dtls-context', 'dtls-records'],
];
const FLAGS = [
  ...['-O2', '-std=gnu11', '-Wall', '-Wextra', '-Werror', '-D_GNU_SOURCE'],
  '-DOPENSSL_SUPPRESS_DEPRECATED',
];

/** Throws with the compiler's words where they cannot be built. */
export async function startTalkers(packetMs: number): Promise<Talkers> {
  const dir = await mkdtemp(join(tmpdir(), 'isthmus-talkers-'));
  const inDir = (name: string): string => join(dir, name);
  const sources = [
    ...OWN_FILES.map((it) => join(OWN, `${it}.c`)),
    ...NATIVE_FILES.map((it) => join(NATIVE, `${it}.c`)),
  ];
  const program = inDir('talkers');
  await run('cc', [...FLAGS, `-I${NATIVE}`, '-o', program, ...sources, '-lssl', '-lcrypto']);
  const { certificatePem, privateKeyPem } = aCertificate();
  await writeFile(inDir('certificate'), certificatePem);
  await writeFile(inDir('key'), privateKeyPem);
  const child = spawn(program, [inDir('certificate'), inDir('key'), String(packetMs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const { fingerprint256: fingerprint } = new X509Certificate(certificatePem);
  return RunningTalkers.start(child, {
    fingerprint,
    release: () => rm(dir, { recursive: true, force: true }),
  });
}

interface Waiting {
  readonly resolve: (words: readonly string[]) => void;
  readonly reject: (error: Error) => void;
}

class RunningTalkers implements Talkers {
  readonly fingerprint: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #release: () => Promise<void>;
  readonly #waiting = new Map<string, Waiting>();
  readonly #exited: Promise<unknown>;
  imsPort = 0;

  static async start(
    child: ChildProcessByStdio<Writable, Readable, null>,
    own: { readonly fingerprint: string; readonly release: () => Promise<void> },
  ): Promise<Talkers> {
    const it = new RunningTalkers(child, own);
    const [port] = await it.#hears('ready');
    it.imsPort = Number(port);
    return it;
  }

  private constructor(
    child: ChildProcessByStdio<Writable, Readable, null>,
    own: { readonly fingerprint: string; readonly release: () => Promise<void> },
  ) {
    this.#child = child;
    this.fingerprint = own.fingerprint;
    this.#release = own.release;
    this.#exited = new Promise((resolve) => child.once('exit', resolve));
    child.once('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the talkers ended'));
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.#take(line.split(' '));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async connect(call: number, own: IceName, plane: Whereabouts): Promise<void> {
    const up = this.#hears(`up ${String(call)}`);
    const remote = [plane.fragment, plane.password, plane.fingerprint];
    const ports = [plane.accessPort, plane.imsPort];
    this.#say(['open', call, own.fragment, own.password, ...remote, ...ports]);
    await up;
  }

  async end(call: number): Promise<Heard> {
    const ended = this.#hears(`ended ${String(call)}`);
    this.#say(['end', call]);
    const [sentByBrowser = 0, heardByIms = 0, sentByIms = 0, heardByBrowser = 0, misdirected = 0] =
      (await ended).map(Number);
    return { sentByBrowser, heardByIms, sentByIms, heardByBrowser, misdirected };
  }

  async stop(): Promise<void> {
    this.#child.stdin.end();
    await this.#exited;
    await this.#release();
  }

  #say(words: readonly (string | number)[]): void {
    this.#child.stdin.write(`${words.join(' ')}\n`);
  }

  #hears(what: string): Promise<readonly string[]> {
    return new Promise((resolve, reject) => this.#waiting.set(what, { resolve, reject }));
  }

  #take([what = '', ...words]: readonly string[]): void {
    if (what === 'ready') {
      this.#settle(what)?.resolve(words);
      return;
    }
    const [call = '', ...rest] = words;
    const error = new Error('the browser was not connected');
    if (what === 'failed') this.#settle(`up ${call}`)?.reject(error);
    else this.#settle(`${what} ${call}`)?.resolve(rest);
  }

  #settle(what: string): Waiting | undefined {
    const waiting = this.#waiting.get(what);
    this.#waiting.delete(what);
    return waiting;
  }
}
