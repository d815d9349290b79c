import { type ReleaseCause, statusOfCause } from '@isthmus/shared/domain/release-cause';
import { isForwardable, MOVED_TEMPORARILY } from '../../core/call/forwarding.ts';
import type { IncomingInvite } from '../../ports/sip-accounts.ts';
import type { Redirection } from '../../ports/sip-leg.ts';
import type { CallLedger } from './call-ledger.ts';
import type { CalledUser, Forwarding } from './forwarding.ts';

export interface RefusalsDeps {
  readonly ledger: CallLedger;
  readonly forwarding: Pick<Forwarding, 'of'> | undefined;
}

/** INVITEs that no device is told of: refused, or sent where their user wants them. */
export class Refusals {
  readonly #deps: RefusalsDeps;
  readonly #open = new Set<Promise<void>>();

  constructor(deps: RefusalsDeps) {
    this.#deps = deps;
  }

  /** `user`: whom it was for, where that is known; by name alone, his wishes are not asked for. */
  refuse(
    invite: IncomingInvite,
    cause: ReleaseCause,
    user?: CalledUser | Pick<CalledUser, 'userName'>,
  ): void {
    const { forwarding, ledger } = this.#deps;
    let isCancelled = false;
    const leg = invite.listen(({ kind }) => {
      isCancelled ||= kind === 'sip-cancelled';
    });
    const answer = (wanted?: Redirection): void => {
      const redirection = isCancelled ? undefined : wanted;
      if (redirection === undefined) leg.reject(statusOfCause(cause));
      else leg.reject(MOVED_TEMPORARILY, redirection);
      const end = { cause: isCancelled ? 'cancelled' : cause, sipCallId: leg.callId } as const;
      ledger.refused(invite, { ...end, redirectedTo: redirection?.contact }, user?.userName);
    };
    if (!forwarding || !user || !('option' in user) || !isForwardable(cause)) {
      answer();
      return;
    }
    const asked = forwarding
      .of(user, invite.calledImpu)
      .then(({ divert }) => {
        answer(divert(cause));
      })
      .finally(() => this.#open.delete(asked));
    this.#open.add(asked);
  }

  /** Resolves when all are answered, and all that was to be written down is. */
  async settled(): Promise<void> {
    await Promise.all(this.#open);
    await this.#deps.ledger.settled();
  }
}
