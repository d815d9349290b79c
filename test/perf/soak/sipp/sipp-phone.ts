import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account } from '../../../integration/ims-simulator/raw-sip-client.ts';
import type { CallScript } from '../script.ts';
import type { FarLine } from './far-dialog.ts';
import { callScenario, callsIn, KEYS_FILE, registerScenario, TOLD } from './far-scenario.ts';
import { keysCapture } from './keys-capture.ts';
import { type FarPlace, SippRun } from './sipp-run.ts';

export interface SippPhoneOptions {
  readonly pcscf: FarPlace['pcscf'];
  readonly account: Account;
  /** No other phone has the same. */
  readonly number: number;
}

export const KEYS = '15#';
const BETWEEN_KEYS_MS = 200;
/** Longer than any soak: it does not refresh. */
const REGISTERED_S = 7_200;
const HOSTS_IN_A_NET = 250;
const [FIRST_NET, NETS] = [2, 250];

/** A phone of IMS: registered once, with a sipp of its own in each call, one call at a time. */
export class SippPhone {
  readonly impu: string;
  readonly #place: FarPlace;
  readonly #line: Omit<FarLine, 'target'>;

  private constructor(place: FarPlace, line: Omit<FarLine, 'target'>) {
    this.impu = line.impu;
    this.#place = place;
    this.#line = line;
  }

  static async register({ pcscf, account, number }: SippPhoneOptions): Promise<SippPhone> {
    const dir = await mkdtemp(join(tmpdir(), 'soak-sipp-'));
    await writeFile(join(dir, KEYS_FILE), keysCapture(KEYS, BETWEEN_KEYS_MS));
    const place = { host: hostOf(number), dir, pcscf, account };
    const { impu, domain } = account;
    const user = account.impi.replace(/@.*/, '');
    const scenario = registerScenario({ user, impu, domain, expiresS: REGISTERED_S });
    const run = await SippRun.start(place, { scenario, calls: 1 });
    const serviceRoute = await run.tells(TOLD.registered);
    await run.isDone();
    return new SippPhone(place, { user, impu, domain, pcscf, serviceRoute });
  }

  /** Ready for the call of this script, with this user of the SDK. */
  async plays(script: CallScript, target: string): Promise<FarCall> {
    const scenario = callScenario({ ...this.#line, target }, script);
    return new FarCall(await SippRun.start(this.#place, { scenario, calls: callsIn(script) }));
  }

  async close(): Promise<void> {
    await rm(this.#place.dir, { recursive: true, force: true });
  }
}

/** The side of IMS in one call. */
export class FarCall {
  readonly #run: SippRun;
  #callId: string | undefined;

  constructor(run: SippRun) {
    this.#run = run;
  }

  /** It calls. */
  async calls(): Promise<void> {
    this.#callId = randomUUID();
    await this.goesOn();
  }

  async isCalled(): Promise<void> {
    this.#callId = await this.#run.tells(TOLD.called);
  }

  /** Does what it does next of its own accord. */
  async goesOn(): Promise<void> {
    if (this.#callId === undefined) throw new Error('there is no call yet');
    await this.#run.cue(this.#callId);
  }

  tells(words: string): Promise<string> {
    return this.#run.tells(words);
  }

  isDone(): Promise<void> {
    return this.#run.isDone();
  }

  account(): Promise<string> {
    return this.#run.account();
  }

  end(): Promise<void> {
    return this.#run.end();
  }
}

/**
 * Each has an address of its own, so that the port of its Contact is nobody else's between calls, and
 * each soak a net of its own.
 */
export const hostOf = (number: number, pid = process.pid): string =>
  [
    ...[127, FIRST_NET + (pid % NETS)],
    ...[Math.floor(number / HOSTS_IN_A_NET), (number % HOSTS_IN_A_NET) + 1],
  ].join('.');
