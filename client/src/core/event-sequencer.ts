import type { Event } from '@isthmus/shared/wire/events';

/** Events come unordered and perhaps twice; their `seq` says what was meant. */
export interface EventSequence {
  /** The last event handed on. */
  readonly lastSeq: number;
  /** Came too early: something before them is missing. */
  readonly held: ReadonlyMap<number, Event>;
}

export const START_OF_EVENTS: EventSequence = { lastSeq: 0, held: new Map() };

export interface Sequenced {
  readonly sequence: EventSequence;
  readonly due: readonly Event[];
}

export function takeEvent(sequence: EventSequence, event: Event): Sequenced {
  if (event.seq <= sequence.lastSeq) return { sequence, due: [] };
  const held = new Map(sequence.held).set(event.seq, event);
  const due: Event[] = [];
  let lastSeq = sequence.lastSeq;
  for (let next = held.get(lastSeq + 1); next; next = held.get(lastSeq + 1)) {
    due.push(next);
    held.delete(next.seq);
    lastSeq = next.seq;
  }
  return { sequence: { lastSeq, held }, due };
}

export const hasGap = ({ held }: EventSequence): boolean => held.size > 0;
