import type { SipTimers } from '@isthmus/shared/store/ims-access';
import {
  type Dialog,
  InviteClientTransaction,
  InviteServerTransaction,
  NonInviteClientTransaction,
  NonInviteServerTransaction,
  SessionDialog,
  Timers,
  type Transaction,
  type Transport,
  type UserAgentCore,
} from 'sip.js/lib/core/index.js';

/** RFC 3261 §17.1.1.1, table 4. */
const USUAL: SipTimers = { t1Ms: 500, t2Ms: 4_000, t4Ms: 5_000 };

export const timersOf = (timers: SipTimers | undefined): SipTimers => timers ?? USUAL;

/** What a core is given to send with; its transactions take their timers from here. */
export interface TimedTransport extends Transport {
  readonly timers: SipTimers;
}

/** Of whose transaction the timers are being read; sip.js has one set for all there are. */
let read = USUAL;

/** For the timers that a transaction starts when it is made. */
export function makesTransaction(transport: TimedTransport): TimedTransport {
  read = transport.timers;
  return transport;
}

type Method = (this: unknown, ...parameters: unknown[]) => unknown;

/**
 * sip.js reads its timers from one object, whose zeros suit only reliable transports; longer does no
 * harm there (RFC 3261 §17, table 4). Here each transaction reads those of its own trunk.
 */
export function correctTimers(): void {
  const timers: Readonly<Partial<Record<keyof typeof Timers, () => number>>> = {
    T1: () => read.t1Ms,
    T2: () => read.t2Ms,
    T4: () => read.t4Ms,
    TIMER_B: () => 64 * read.t1Ms,
    TIMER_D: () => 64 * read.t1Ms,
    TIMER_F: () => 64 * read.t1Ms,
    TIMER_H: () => 64 * read.t1Ms,
    TIMER_I: () => read.t4Ms,
    TIMER_J: () => 64 * read.t1Ms,
    TIMER_K: () => read.t4Ms,
    TIMER_L: () => 64 * read.t1Ms,
    TIMER_M: () => 64 * read.t1Ms,
    TIMER_N: () => 64 * read.t1Ms,
  };
  for (const [name, get] of Object.entries(timers)) Object.defineProperty(Timers, name, { get });
  const machines = [
    InviteClientTransaction,
    InviteServerTransaction,
    NonInviteClientTransaction,
    NonInviteServerTransaction,
  ];
  for (const { prototype } of machines) {
    timed(prototype, 'stateTransition', (it) => (it as Transaction).transport);
  }
  for (const name of ['startReInvite2xxRetransmissionTimer', 'start2xxRetransmissionTimer']) {
    timed(SessionDialog.prototype, name, (it) => coreOf(it as Dialog).transport);
  }
}

const coreOf = (dialog: Dialog): UserAgentCore =>
  (dialog as unknown as { readonly core: UserAgentCore }).core;

function timed(prototype: object, name: string, transportOf: (it: unknown) => Transport): void {
  const original = Reflect.get(prototype, name) as Method;
  const replacement: Method = function run(...parameters) {
    const { timers } = transportOf(this) as Partial<TimedTransport>;
    read = timersOf(timers);
    return original.apply(this, parameters);
  };
  Object.assign(prototype, { [name]: replacement });
}
