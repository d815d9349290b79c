/** How the way to the node is, as one call finds it. */
export type PathState =
  | { readonly kind: 'good' }
  /** Interrupted: it may come back by itself. */
  | { readonly kind: 'waiting' }
  | Seeking<'offering'>
  /** The node has answered: the browser checks. */
  | Seeking<'checking'>
  /** Refused, unanswered or without success; tried again in a while. */
  | Seeking<'pausing'>;

interface Seeking<Kind extends string> {
  readonly kind: Kind;
  readonly attempts: number;
  /** The node has said that it cannot reach us: only its word ends that. */
  readonly isLostToNode: boolean;
}

export type PathEvent =
  | { readonly kind: 'interrupted' | 'failed' | 'connected' | 'network-changed' }
  | { readonly kind: 'lost-to-node' | 'restored-to-node' }
  | { readonly kind: 'answered'; readonly isConnected: boolean }
  | { readonly kind: 'refused' | 'timer-fired' };

export type PathEffect =
  | { readonly kind: 'offer' }
  | { readonly kind: 'start-timer'; readonly delayMs: number }
  | { readonly kind: 'stop-timer' }
  | { readonly kind: 'tell'; readonly isReconnecting: boolean };

export interface PathStep {
  readonly state: PathState;
  readonly effects: readonly PathEffect[];
}

export const GOOD: PathState = { kind: 'good' };

/** A radio that changes cells is back within this. */
const PATIENCE_MS = 2_000;
/** Checks that have not found a way by then will not. */
const CHECK_MS = 10_000;
const PAUSE_MS = 2_000;
const MAX_PAUSE_MS = 8_000;

const go = (state: PathState, ...effects: readonly PathEffect[]): PathStep => ({ state, effects });
const timer = (delayMs: number): PathEffect => ({ kind: 'start-timer', delayMs });
const tell = (isReconnecting: boolean): PathEffect => ({ kind: 'tell', isReconnecting });
const STOP: PathEffect = { kind: 'stop-timer' };

export function stepPath(state: PathState, event: PathEvent): PathStep {
  switch (state.kind) {
    case 'good':
      return whenGood(state, event);
    case 'waiting':
      return whenWaiting(state, event);
    default:
      return whenSeeking(state, event);
  }
}

function whenGood(state: PathState, event: PathEvent): PathStep {
  switch (event.kind) {
    case 'interrupted':
      return go({ kind: 'waiting' }, tell(true), timer(PATIENCE_MS));
    case 'failed':
    case 'network-changed':
    case 'lost-to-node':
      return go(offering(event), tell(true), { kind: 'offer' });
    default:
      return go(state);
  }
}

function whenWaiting(state: PathState, event: PathEvent): PathStep {
  switch (event.kind) {
    case 'connected':
      return go(GOOD, STOP, tell(false));
    case 'failed':
    case 'network-changed':
    case 'lost-to-node':
    case 'timer-fired':
      return go(offering(event), STOP, { kind: 'offer' });
    default:
      return go(state);
  }
}

const offering = ({ kind }: PathEvent): Seeking<'offering'> => ({
  ...{ kind: 'offering', attempts: 1 },
  isLostToNode: kind === 'lost-to-node',
});

type AnySeeking = Exclude<PathState, { readonly kind: 'good' | 'waiting' }>;

function whenSeeking(before: AnySeeking, event: PathEvent): PathStep {
  if (event.kind === 'lost-to-node') return go({ ...before, isLostToNode: true });
  const state = event.kind === 'restored-to-node' ? { ...before, isLostToNode: false } : before;
  if (state.kind === 'offering') return whenOffering({ ...state, kind: 'offering' }, event);
  switch (event.kind) {
    case 'connected':
    case 'restored-to-node':
      return state.isLostToNode ? go(state) : go(GOOD, STOP, tell(false));
    case 'network-changed':
      return again(state);
    case 'failed':
      return state.kind === 'checking' ? pause(state) : go(state);
    case 'timer-fired':
      return state.kind === 'checking' ? pause(state) : again(state);
    default:
      return go(state);
  }
}

function whenOffering(state: Seeking<'offering'>, event: PathEvent): PathStep {
  switch (event.kind) {
    case 'answered':
      return event.isConnected && !state.isLostToNode
        ? go(GOOD, tell(false))
        : go({ ...state, kind: 'checking' }, timer(CHECK_MS));
    case 'refused':
      return pause(state);
    default:
      return go(state);
  }
}

const again = (state: AnySeeking): PathStep =>
  go({ ...state, kind: 'offering', attempts: state.attempts + 1 }, STOP, { kind: 'offer' });

const pause = (state: AnySeeking): PathStep =>
  go({ ...state, kind: 'pausing' }, timer(Math.min(PAUSE_MS * state.attempts, MAX_PAUSE_MS)));
