import type { Event } from '@isthmus/shared/wire/events';
import type { Emitter } from '../core/emitter.ts';
import { GOOD, type PathEffect, type PathEvent, stepPath } from '../core/path-machine.ts';
import type { Clock } from '../ports/clock.ts';
import type { Network } from '../ports/network.ts';
import type { CallEvents } from './call.ts';

export interface PathKeeperDeps {
  readonly clock: Clock;
  readonly network: Network;
  /** The node knows the call: it can be asked. */
  readonly mayOffer: () => boolean;
  /** Offers another way; resolves to whether there is one by the time the node has answered. */
  readonly restart: () => Promise<boolean>;
  readonly tell: Emitter<CallEvents>['emit'];
}

export interface PathKeeper {
  readonly isReconnecting: boolean;
  happened(event: PathEvent): void;
  /** An event of the node. */
  take(event: Event): void;
  close(): void;
}

type Performer = {
  readonly [Kind in PathEffect['kind']]: (effect: PathEffect & { readonly kind: Kind }) => void;
};

/** Finds a call another way to the node where it has lost the one it had. */
export function createPathKeeper(deps: PathKeeperDeps): PathKeeper {
  let state = GOOD;
  let isReconnecting = false;
  let isClosed = false;
  let stopTimer: () => void = () => undefined;

  const happened = (event: PathEvent): void => {
    if (isClosed || !(deps.mayOffer() || state.kind !== 'good')) return;
    const step = stepPath(state, event);
    state = step.state;
    for (const effect of step.effects) {
      (performer[effect.kind] as (effect: PathEffect) => void)(effect);
    }
  };
  const performer: Performer = {
    offer: () => {
      deps.restart().then(
        (isConnected) => {
          happened({ kind: 'answered', isConnected });
        },
        () => {
          happened({ kind: 'refused' });
        },
      );
    },
    'start-timer': ({ delayMs }) => {
      stopTimer();
      stopTimer = deps.clock.after(delayMs, () => {
        happened({ kind: 'timer-fired' });
      });
    },
    'stop-timer': () => {
      stopTimer();
    },
    tell: ({ isReconnecting: is }) => {
      isReconnecting = is;
      deps.tell('reconnecting', is);
    },
  };
  const leaveNetwork = deps.network.watch(() => {
    happened({ kind: 'network-changed' });
  });
  return {
    get isReconnecting() {
      return isReconnecting;
    },
    happened,
    take(event) {
      if (event.event !== 'call.path') return;
      happened({ kind: event.state === 'lost' ? 'lost-to-node' : 'restored-to-node' });
    },
    close() {
      leaveNetwork();
      isClosed = true;
      stopTimer();
    },
  };
}
