import type { Fleet, Member } from './fleet.ts';

/** An incoming call that did not come to its client. */
export class NotReached extends Error {
  override readonly name = 'NotReached';
}

const WAIT_MS = 8_000;

/** One call from IMS to the WebSocket of a user, who declines it. */
export async function rings({ caller, sdp }: Fleet, { impu, wire }: Member): Promise<void> {
  const call = caller.invite(impu, sdp);
  const final = call.answer(300, WAIT_MS).catch(() => undefined);
  const told = wire.next(({ event }) => event === 'call.incoming', WAIT_MS).catch(() => undefined);
  const first = await Promise.race([told, final]);
  if (first && 'event' in first) {
    await wire.ask({ action: 'call.decline', callId: first.callId, seq: 0 });
    const refusal = await final;
    if (refusal) call.refuse(refusal);
    return;
  }
  const refusal = await final;
  if (refusal) call.refuse(refusal);
  throw new NotReached(refusal?.start ?? 'no answer at all');
}
