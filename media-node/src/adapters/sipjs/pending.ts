import {
  NonInviteClientTransaction,
  TransportError,
  type UserAgentCore,
} from 'sip.js/lib/core/index.js';

/** What sip.js keeps to itself of a request under way. */
interface Pending {
  readonly transaction: { onTransportError(error: Error): void };
}

/**
 * Requests that await an answer fail as if they could not have been sent (RFC 3261 §8.1.3.1).
 * INVITEs are left out: their legs have heard of the loss by themselves.
 */
export function failPending(core: UserAgentCore): void {
  for (const client of [...core.userAgentClients.values()]) {
    const { transaction } = client as unknown as Pending;
    if (transaction instanceof NonInviteClientTransaction) {
      (client as unknown as Pending).transaction.onTransportError(new TransportError('flow lost'));
    }
  }
}
