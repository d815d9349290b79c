import { createSocket } from 'node:dgram';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../../../integration/ims-simulator/raw-sip-client.ts';
import { type Child, startChild } from '../../../support/ims-lab/child.ts';
import { CUE } from './steps.ts';

/** Where one phone of IMS is, its media too. */
export interface FarPlace {
  readonly host: string;
  /** A folder of its own. */
  readonly dir: string;
  readonly pcscf: { readonly host: string; readonly port: number };
  readonly account: Account;
}

const [SCENARIO, SAID, ERRORS, MESSAGES] = [
  'scenario.xml',
  'said.log',
  'errors.log',
  'messages.log',
];
export const SIP_PORT = 5_060;
const MEDIA_PORT = 6_000;
const WAIT_MS = 15_000;
const LOOK_MS = 20;
/** Of one that has been forgotten. */
const LIMIT_S = 120;
/** How late its timers are says how busy the machine is, and is no fault of a call. */
const LATE_MS = '60000';
const SHOWN = 12;
const SOCKETS = '/proc/net/udp';

/** One sipp and its one scenario. */
export class SippRun {
  readonly #place: FarPlace;
  readonly #child: Child;
  #exit: { readonly code: number | undefined } | undefined;
  #cues = 0;

  private constructor(place: FarPlace, child: Child) {
    this.#place = place;
    this.#child = child;
    void child.exited.then((code) => {
      this.#exit = { code };
    });
  }

  /** Resolves when it listens; `calls`: so many it ends behind. */
  static async start(
    place: FarPlace,
    { scenario, calls }: { readonly scenario: string; readonly calls: number },
  ): Promise<SippRun> {
    const { host, dir, pcscf, account } = place;
    await Promise.all([SAID, ERRORS, MESSAGES].map((it) => rm(join(dir, it), { force: true })));
    await writeFile(join(dir, SCENARIO), scenario);
    const child = await startChild({
      command: 'sipp',
      args: [
        `${pcscf.host}:${String(pcscf.port)}`,
        ...['-sf', SCENARIO, '-t', 'u1', '-m', String(calls), '-nostdin'],
        ...['-i', host, '-bind_local', '-p', String(SIP_PORT), '-ci', host],
        ...['-mi', host, '-mp', String(MEDIA_PORT), '-rtp_echo'],
        ...['-au', account.impi, '-ap', account.password, '-auth_uri', account.domain],
        ...['-timeout', String(LIMIT_S), '-timeout_error'],
        ...['-watchdog_minor_threshold', LATE_MS, '-watchdog_major_threshold', LATE_MS],
        ...['-trace_logs', '-log_file', SAID, '-trace_err', '-error_file', ERRORS],
        ...['-trace_msg', '-message_file', MESSAGES],
      ],
      cwd: dir,
      // Without a terminal type sipp's screen does not start.
      env: { TERM: 'xterm' },
    });
    const run = new SippRun(place, child);
    // A short scenario may be over before anybody looks.
    const isThere = async () => run.#exit !== undefined || (await isBound(host));
    await run.#when('listens', async () => (await isThere()) || undefined, 'ended too');
    return run;
  }

  /** Resolves with what its scenario tells behind these words, once it does. */
  tells(words: string): Promise<string> {
    return this.#when(`tells ${words}`, async () => {
      const lines = (await this.#read(SAID)).split('\n');
      return lines
        .find((line) => line.startsWith(words))
        ?.slice(words.length)
        .trim();
    });
  }

  /** The scenario is to go on, in the call of this id. */
  async cue(callId: string): Promise<void> {
    this.#cues += 1;
    const text = [
      `${CUE} sip:${this.#place.host} SIP/2.0`,
      ...['From: <sip:prompter>', 'To: <sip:phone>', `Call-ID: ${callId}`],
      ...[`CSeq: ${String(this.#cues)} ${CUE}`, 'Content-Length: 0', '', ''],
    ].join('\r\n');
    const socket = createSocket('udp4');
    await new Promise((resolve) => {
      socket.send(text, SIP_PORT, this.#place.host, resolve);
    });
    socket.close();
  }

  /** Resolves when it has ended; rejects where anything was not as its scenario says. */
  async isDone(): Promise<void> {
    const { code } = await this.#when('ends', () => Promise.resolve(this.#exit), 'ended too');
    const errors = await this.#read(ERRORS);
    if (code !== 0 || errors !== '') throw new Error(await this.account());
  }

  /** What became of it, for who reads of a call that failed. */
  async account(): Promise<string> {
    const messages = await this.#read(MESSAGES);
    const lines = messages.match(/^(?:SIP\/2\.0 \d.*|\S+ \S+ SIP\/2\.0)\r?$/gm) ?? [];
    const exit = this.#exit === undefined ? 'runs' : `ended with ${String(this.#exit.code)}`;
    const errors = (await this.#read(ERRORS)).replace(/\s+/g, ' ').slice(0, 300);
    const last = lines.slice(-SHOWN).map((line) => line.trim());
    return `sipp ${exit}; ${errors}; last there was: ${last.join(' | ')}`;
  }

  async end(): Promise<void> {
    if (this.#exit === undefined) await this.#child.kill();
  }

  async #when<T>(
    what: string,
    look: () => Promise<T | undefined>,
    isOver: 'ended too' | 'runs' = 'runs',
  ): Promise<T> {
    const endsMs = performance.now() + WAIT_MS;
    for (;;) {
      const hasEnded = this.#exit !== undefined;
      const found = await look();
      if (found !== undefined) return found;
      const isInVain = (hasEnded && isOver === 'runs') || performance.now() > endsMs;
      if (isInVain) throw new Error(`never ${what}: ${await this.account()}`);
      await sleep(LOOK_MS);
    }
  }

  async #read(name: string): Promise<string> {
    try {
      return await readFile(join(this.#place.dir, name), 'utf8');
    } catch {
      // It writes the file with its first line.
      return '';
    }
  }
}

/** Whether somebody listens there for SIP. */
async function isBound(host: string): Promise<boolean> {
  const bytes = host.split('.').toReversed();
  const hex = (number: number, digits: number): string =>
    number.toString(16).toUpperCase().padStart(digits, '0');
  const address = bytes.map((byte) => hex(Number(byte), 2)).join('');
  return (await readFile(SOCKETS, 'utf8')).includes(` ${address}:${hex(SIP_PORT, 4)} `);
}
