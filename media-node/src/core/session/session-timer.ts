import type { SessionPolicy } from './session-policy.ts';

/** Who keeps the session alive (RFC 4028 §7). */
export type Refresher = 'us' | 'peer';

export interface Agreed {
  readonly intervalS: number;
  readonly refresher: Refresher;
}

export type SessionTimerState = { readonly kind: 'off' } | ({ readonly kind: 'on' } & Agreed);

export type SessionTimer = 'refresh' | 'expiry';

export type SessionTimerEvent =
  /** A 2xx to INVITE or UPDATE, ours or theirs; undefined: without Session-Expires. */
  | { readonly kind: 'negotiated'; readonly agreed: Agreed | undefined }
  | { readonly kind: 'timer-fired'; readonly timer: SessionTimer }
  | { readonly kind: 'refresh-refused'; readonly status: number }
  | { readonly kind: 'ended' };

export type SessionTimerEffect =
  | { readonly kind: 'send-refresh' }
  | { readonly kind: 'hang-up' }
  | { readonly kind: 'start-timer'; readonly timer: SessionTimer; readonly ms: number }
  | { readonly kind: 'stop-timer'; readonly timer: SessionTimer };

export interface SessionTimerStep {
  readonly state: SessionTimerState;
  readonly effects: readonly SessionTimerEffect[];
}

export const noSessionTimer: SessionTimerState = { kind: 'off' };

/** RFC 4028 §4: nobody may be asked for less. */
const LEAST_S = 90;
/** A BYE must be through before the network's own state goes (RFC 4028 §10). */
const HANG_UP_AHEAD_S = 32;

export function stepSessionTimer(
  state: SessionTimerState,
  event: SessionTimerEvent,
): SessionTimerStep {
  switch (event.kind) {
    case 'negotiated':
      return event.agreed ? started(event.agreed) : off();
    case 'timer-fired':
      return fired(state, event.timer);
    case 'refresh-refused':
      // RFC 4028 §10: the dialog is gone, or nobody is there; else the expiry decides.
      return state.kind === 'on' && (event.status === 408 || event.status === 481)
        ? hangUp()
        : { state, effects: [] };
    case 'ended':
      return off();
  }
}

function started(agreed: Agreed): SessionTimerStep {
  const expiryS = agreed.intervalS - Math.min(HANG_UP_AHEAD_S, agreed.intervalS / 3);
  return {
    state: { kind: 'on', ...agreed },
    effects: [
      { kind: 'start-timer', timer: 'expiry', ms: Math.round(expiryS * 1000) },
      agreed.refresher === 'us'
        ? { kind: 'start-timer', timer: 'refresh', ms: agreed.intervalS * 500 }
        : { kind: 'stop-timer', timer: 'refresh' },
    ],
  };
}

function fired(state: SessionTimerState, timer: SessionTimer): SessionTimerStep {
  if (state.kind === 'off') return { state, effects: [] };
  if (timer === 'expiry') return hangUp();
  return { state, effects: [{ kind: 'send-refresh' }] };
}

function hangUp(): SessionTimerStep {
  const { state, effects } = off();
  return { state, effects: [...effects, { kind: 'hang-up' }] };
}

const off = (): SessionTimerStep => ({
  state: noSessionTimer,
  effects: [
    { kind: 'stop-timer', timer: 'refresh' },
    { kind: 'stop-timer', timer: 'expiry' },
  ],
});

/** What a message says of session timers. */
export interface TimerHeaders {
  readonly sessionExpires: string | undefined;
  readonly minSe: string | undefined;
  readonly supported: readonly string[];
}

interface SessionExpires {
  readonly intervalS: number;
  readonly refresher: 'uac' | 'uas' | undefined;
}

/** `1800;refresher=uac` (RFC 4028 §4). */
export function parseSessionExpires(text: string | undefined): SessionExpires | undefined {
  const [, seconds, parameters = ''] = /^\s*(\d{1,9})\s*((?:;.*)?)$/.exec(text ?? '') ?? [];
  if (seconds === undefined) return undefined;
  const refresher = /;\s*refresher\s*=\s*(uac|uas)/i.exec(parameters)?.[1]?.toLowerCase();
  return { intervalS: Number(seconds), refresher: refresher as SessionExpires['refresher'] };
}

export const parseMinSe = (text: string | undefined): number =>
  Math.max(LEAST_S, Number(/^\s*(\d{1,9})/.exec(text ?? '')?.[1] ?? 0));

/** What our INVITE or UPDATE asks for; `minS` is what a 422 taught us. */
export function askingHeaders(
  { expiresS, minExpiresS }: SessionPolicy,
  { minS = 0, refresher }: { readonly minS?: number; readonly refresher?: Refresher } = {},
): readonly string[] {
  if (expiresS === 0) return [];
  const least = Math.max(LEAST_S, minExpiresS, minS);
  const role = refresher && (refresher === 'us' ? ';refresher=uac' : ';refresher=uas');
  return [
    `Session-Expires: ${String(Math.max(expiresS, least))}${role ?? ''}`,
    `Min-SE: ${String(least)}`,
  ];
}

/** What the 2xx to a request of ours agreed to; without Session-Expires the session never expires. */
export function agreedByAnswer({ sessionExpires }: TimerHeaders): Agreed | undefined {
  const said = parseSessionExpires(sessionExpires);
  if (!said) return undefined;
  return {
    intervalS: Math.max(said.intervalS, LEAST_S),
    // RFC 4028 §7.2 requires the parameter; without it the asker is the one who knows he must.
    refresher: said.refresher === 'uas' ? 'peer' : 'us',
  };
}

export type TimerAnswer =
  | { readonly kind: 'too-short'; readonly headers: readonly string[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'agreed'; readonly agreed: Agreed; readonly headers: readonly string[] };

/** How a request of the peer's is answered (RFC 4028 §9, table 2). */
export function answerToAsker(request: TimerHeaders, policy: SessionPolicy): TimerAnswer {
  const asked = parseSessionExpires(request.sessionExpires);
  const isSupported = request.supported.includes('timer');
  const leastS = Math.max(LEAST_S, policy.minExpiresS);
  if (asked && isSupported && asked.intervalS < leastS)
    return { kind: 'too-short', headers: [`Min-SE: ${String(leastS)}`] };
  const wantedS = asked?.intervalS ?? (isSupported ? policy.expiresS : 0);
  if (wantedS === 0) return { kind: 'none' };
  const oursS = policy.expiresS === 0 ? wantedS : Math.min(wantedS, policy.expiresS);
  const intervalS = Math.max(oursS, leastS, parseMinSe(request.minSe));
  // Whoever does not know timers cannot refresh; else the asker's wish, and the asker by default.
  const isTheirs = isSupported && asked?.refresher !== 'uas';
  return {
    kind: 'agreed',
    agreed: { intervalS, refresher: isTheirs ? 'peer' : 'us' },
    headers: [
      `Session-Expires: ${String(intervalS)};refresher=${isTheirs ? 'uac' : 'uas'}`,
      ...(isTheirs ? ['Require: timer'] : []),
    ],
  };
}
