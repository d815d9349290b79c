import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Replaces, replacesHeader } from '../../../media-node/src/core/sip/refer.ts';
import { until } from '../until.ts';
import { type Child, startChild } from './child.ts';
import { findFreePort } from './free-port.ts';
import type { ImsLab } from './ims-lab.ts';
import { requireTools } from './required-tools.ts';
import { SippProcess, type SippRun } from './sipp-process.ts';
import { UE_HOST, type UeFlow } from './ue-flow.ts';

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

export interface SippOptions {
  readonly lab: ImsLab;
  readonly scenario: SippScenario;
  readonly user: string;
  /** One UE keeps one through all its scenarios. */
  readonly flow: UeFlow;
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

const SCENARIOS = new URL('sipp/', import.meta.url);

const moreRoute = ({ route, lab }: SippOptions): string =>
  route === '' ? '' : `, ${route ?? lab.serviceRoute}`;

const keywords = (options: SippOptions): Readonly<Record<string, string>> => {
  const { pcscf } = options.lab;
  const impu = `sip:${options.user}@${options.lab.domain}`;
  return {
    domain: options.lab.domain,
    user: options.user,
    impu,
    target: options.target ?? impu,
    preferred: options.preferred ?? impu,
    local_port: String(options.flow.port),
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

/** What is said to it from now on reaches it, but for one that is over already. */
async function untilHeard(child: Child, flow: UeFlow): Promise<void> {
  let isOver = false;
  void child.exited.then(() => {
    isOver = true;
  });
  await until(async () => isOver || (await flow.isHeard()), 'sipp does not listen');
}

/** Starts one UE that runs one scenario once; RTP that arrives is echoed. */
export async function startSipp(options: SippOptions): Promise<SippProcess> {
  requireTools(['sipp', 'setpriv']);
  const dir = await mkdtemp(join(tmpdir(), 'ims-sipp-'));
  const template = await readFile(new URL(`${options.scenario}.xml`, SCENARIOS), 'utf8');
  const { flow } = options;
  await writeFile(join(dir, 'scenario.xml'), fill(template, keywords(options)));
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
  await untilHeard(child, flow);
  return new SippProcess(`${options.scenario} of ${options.user}`, child, dir);
}

/** Until it is through. */
export const runSipp = async (options: SippOptions): Promise<SippRun> =>
  (await startSipp(options)).done;
