import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Replaces, replacesHeader } from '../../../media-node/src/core/sip/refer.ts';
import { type Child, startChild } from './child.ts';
import { findFreePort } from './free-port.ts';
import type { ImsLab } from './ims-lab.ts';
import { requireTools } from './required-tools.ts';
import { UE_HOST, type UeFlow, udpFlow } from './ue-flow.ts';

export type SippScenario =
  | 'register'
  | 'register-refused'
  | 'call'
  | 'call-refused'
  | 'answer-echo'
  | 'answer-preconditions'
  | 'call-preconditions'
  | 'answer-hold'
  | 'answer-preconditions-met'
  | 'call-preconditions-met'
  | 'call-hold'
  | 'call-offerless'
  | 'answer-crossing'
  | 'call-crossing'
  | 'answer-crossing-updates'
  | 'call-crossing-updates'
  | 'answer-moves'
  | 'call-moves'
  | 'answer-films'
  | 'call-films'
  | 'answer-lost-session'
  | 'call-lost-session'
  | 'answer-never-refreshes'
  | 'call-never-refreshes'
  | 'answer-too-late'
  | 'call-cancels-late'
  | 'answer-refers'
  | 'answer-referred'
  | 'redirect'
  | 'ring-until-cancelled'
  | 'busy'
  | 'send-message'
  | 'take-message'
  | 'challenge'
  | 'challenge-bye';

interface Scene {
  readonly lab: ImsLab;
  readonly scenario: SippScenario;
  readonly user: string;
  readonly password?: string;
  /** Whom to call, or to send a caller to. */
  readonly target?: string;
  /** P-Preferred-Identity; the user's own SIP URI where absent. */
  readonly preferred?: string;
  /** What follows the P-CSCF in a call's Route; the Service-Route where absent. */
  readonly route?: string;
  /** The final status `call-refused` waits for, and a challenge, a refused refresh or a REFER has. */
  readonly status?: number;
  /** Header line of a challenge. */
  readonly challenge?: string;
  readonly expiresS?: number;
  /** How it holds, and what the answer to that says. */
  readonly hold?: {
    readonly address?: string;
    readonly direction: string;
    readonly answered: string;
  };
  /** The dialog whose place a call is to take. */
  readonly replaces?: Replaces;
  readonly talkMs?: number;
  readonly ringMs?: number;
  readonly timeoutS?: number;
}

/** One UE keeps one flow through all its scenarios; a port alone is that of UDP. */
export type SippOptions = Scene & ({ readonly flow: UeFlow } | { readonly port: number });

export interface SippRun {
  /** Zero where every step came as the scenario says. */
  readonly exitCode: number | undefined;
  /** What the scenario logged. */
  readonly log: string;
  readonly output: string;
  /** Every SIP message sent and received. */
  readonly messages: string;
}

export interface RunningSipp {
  readonly pid: number;
  readonly done: Promise<SippRun>;
  /** Resolves when it has sent or received so many messages that begin like this. */
  seen(startOfLine: string, count: number): Promise<void>;
  stop(): Promise<void>;
  /** As where the power fails: nobody is told. */
  kill(): Promise<void>;
}

const SCENARIOS = new URL('sipp/', import.meta.url);
const SEEN_WITHIN_MS = 15_000;
const POLL_MS = 50;

const moreRoute = ({ route, lab }: Scene): string =>
  route === '' ? '' : `, ${route ?? lab.serviceRoute}`;

const keywords = (options: Scene, { port }: UeFlow): Readonly<Record<string, string>> => {
  const { pcscf } = options.lab;
  const impu = `sip:${options.user}@${options.lab.domain}`;
  return {
    domain: options.lab.domain,
    user: options.user,
    impu,
    target: options.target ?? impu,
    preferred: options.preferred ?? impu,
    local_port: String(port),
    pcscf: `${pcscf.host}:${String(pcscf.port)}`,
    more_route: moreRoute(options),
    more_headers: options.replaces
      ? `\nRequire: replaces\nReplaces: ${replacesHeader(options.replaces)}`
      : '',
    expires: String(options.expiresS ?? 600),
    status: String(options.status ?? 486),
    challenge: options.challenge ?? '',
    hold_address: options.hold?.address ?? UE_HOST,
    hold_direction: options.hold?.direction ?? 'sendonly',
    held_direction: options.hold?.answered ?? 'recvonly',
    talk_ms: String(options.talkMs ?? 1500),
    ring_ms: String(options.ringMs ?? 200),
  };
};

/** sipp takes its own keywords in messages only, so ours are filled in before it starts. */
const fill = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replace(/\[(\w+)\]/g, (whole, name: string) => values[name] ?? whole);

const logged = async (dir: string, ending: string): Promise<string> => {
  const name = (await readdir(dir)).find((each) => each.endsWith(ending));
  return name === undefined ? '' : readFile(join(dir, name), 'utf8');
};

async function untilSeen(dir: string, start: string, count: number): Promise<void> {
  const deadlineMs = Date.now() + SEEN_WITHIN_MS;
  for (;;) {
    const messages = await logged(dir, '_messages.log');
    const lines = messages.split(/\r?\n/).filter((line) => line.startsWith(start));
    if (lines.length >= count) return;
    if (Date.now() > deadlineMs) throw new Error(`sipp has not seen ${start}:\n${messages}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function collect(child: Child, dir: string): Promise<SippRun> {
  const exitCode = await child.exited;
  const run = {
    exitCode,
    log: await logged(dir, '_logs.log'),
    messages: await logged(dir, '_messages.log'),
    output: `${child.output()}\n${await logged(dir, '_errors.log')}`,
  };
  await rm(dir, { recursive: true, force: true });
  return run;
}

/** Starts one UE that runs one scenario once; RTP that arrives is echoed. */
export async function startSipp(options: SippOptions): Promise<RunningSipp> {
  requireTools(['sipp', 'setpriv']);
  const dir = await mkdtemp(join(tmpdir(), 'ims-sipp-'));
  const template = await readFile(new URL(`${options.scenario}.xml`, SCENARIOS), 'utf8');
  const flow = 'flow' in options ? options.flow : udpFlow(options.port, options.lab.pcscf);
  await writeFile(join(dir, 'scenario.xml'), fill(template, keywords(options, flow)));
  const mediaPort = await findFreePort(UE_HOST);
  const { port, server } = await flow.join();
  const child = await startChild({
    command: 'sipp',
    args: [
      `${server.host}:${String(server.port)}`,
      ...[
        '-sf',
        'scenario.xml',
        '-t',
        flow.transport === 'tcp' ? 't1' : 'u1',
        '-m',
        '1',
        '-nostdin',
        '-timeout_error',
      ],
      ...['-i', UE_HOST, '-p', String(port), '-mi', UE_HOST, '-mp', String(mediaPort)],
      ...['-au', `${options.user}@${options.lab.domain}`, '-ap', options.password ?? ''],
      ...['-timeout', String(options.timeoutS ?? 20), '-rtp_echo'],
      ...['-trace_err', '-trace_logs', '-trace_msg'],
    ],
    cwd: dir,
    // Without a terminal type sipp's screen does not start.
    env: { TERM: 'xterm' },
  });
  return {
    pid: child.pid,
    done: collect(child, dir),
    seen: (start, count) => untilSeen(dir, start, count),
    stop: () => child.stop(),
    kill: () => child.kill(),
  };
}

export const runSipp = async (options: SippOptions): Promise<SippRun> =>
  (await startSipp(options)).done;
