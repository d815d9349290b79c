import type { Event } from '@isthmus/shared/wire/events';
import { hasGap, START_OF_EVENTS, takeEvent } from '../../../../client/src/core/event-sequencer.ts';

const event = (seq: number): Event => ({ event: 'call.answered', seq, callId: 'call-0001' });

function feed(...numbers: readonly number[]): { delivered: number[]; gap: boolean } {
  const delivered: number[] = [];
  let sequence = START_OF_EVENTS;
  for (const seq of numbers) {
    const taken = takeEvent(sequence, event(seq));
    sequence = taken.sequence;
    delivered.push(...taken.due.map((it) => it.seq));
  }
  return { delivered, gap: hasGap(sequence) };
}

describe('SES-8: events of a gateway that keeps no order', () => {
  it.each([
    ['in order', [1, 2, 3], [1, 2, 3], false],
    ['reversed', [3, 2, 1], [1, 2, 3], false],
    ['twice', [1, 1, 2, 1, 2], [1, 2], false],
    ['twice and too early', [2, 2, 1], [1, 2], false],
    ['with one missing', [1, 3, 4], [1], true],
    ['with the missing one at last', [1, 3, 4, 2], [1, 2, 3, 4], false],
  ])('come %s and are handed on once each', (_how, came, delivered, gap) => {
    expect(feed(...came)).toEqual({ delivered, gap });
  });
});
