import fc from 'fast-check';
import {
  type HeldFrame,
  type JitterState,
  newJitterBuffer,
  type PlayoutDecision,
  stepJitterBuffer,
} from '../../../../../media-node/src/core/voice/jitter-buffer.ts';

const TICKS = 160;
const FRAME_MS = 20;

interface Sent {
  readonly index: number;
  readonly atMs: number;
  readonly isPause?: boolean;
  /** Of 20 ms frames in the packet. */
  readonly frames?: number;
  readonly sequence?: number;
}

/** A buffer that is fed at the times of a network, and asked every 20 ms. */
function played(
  sent: readonly Sent[],
  turns: number,
  isQuiet: (turn: number) => boolean = () => false,
) {
  let state: JitterState<number> = newJitterBuffer(8000);
  const waiting = [...sent].sort((a, b) => a.atMs - b.atMs);
  const decisions: PlayoutDecision<number>[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const nowMs = turn * FRAME_MS + 3;
    while (waiting[0] && waiting[0].atMs <= nowMs) {
      const packet = waiting.shift();
      if (packet) state = stepJitterBuffer(state, arrivalOf(packet)).state;
    }
    const step = stepJitterBuffer(state, { kind: 'due', nowMs, isQuiet: isQuiet(turn) });
    state = step.state;
    decisions.push(step.decision);
  }
  return { decisions, state };
}

function arrivalOf({ index, atMs, isPause = false, frames = 1, sequence = index }: Sent) {
  const held: readonly HeldFrame<number>[] = Array.from({ length: frames }, (_, at) => ({
    frame: index + at,
    ticks: TICKS,
    isPause,
  }));
  // Near the ends of both counters, so that every stream of these tests wraps.
  return {
    kind: 'arrived' as const,
    sequence: (65_530 + sequence) % 0x1_0000,
    timestamp: (0xffff_ff00 + index * TICKS) >>> 0,
    nowMs: atMs,
    frames: held,
  };
}

const steady = (count: number): readonly Sent[] =>
  Array.from({ length: count }, (_, index) => ({ index, atMs: 10 + index * FRAME_MS }));

const framesOf = (decisions: readonly PlayoutDecision<number>[]): readonly number[] =>
  decisions.flatMap((it) => (it.kind === 'play' ? [it.frame] : []));
const kindsOf = (decisions: readonly PlayoutDecision<number>[]): readonly string[] =>
  decisions.map((it) => it.kind);

describe('MED-8: the jitter buffer', () => {
  it('plays a steady stream whole and in order, from 60 ms after its first packet at the latest', () => {
    const { decisions } = played(steady(40), 44);

    expect(framesOf(decisions)).toEqual(steady(40).map((it) => it.index));
    expect(kindsOf(decisions).indexOf('play')).toBeLessThanOrEqual(3);
  });

  it('brings back into order what overtook', () => {
    const swapped = steady(30).map((it) => ({
      ...it,
      atMs: it.atMs + (it.index % 5 === 0 ? 25 : 0),
    }));

    const { decisions } = played(swapped, 34);

    expect(framesOf(decisions)).toEqual(swapped.map((it) => it.index));
  });

  it('plays nothing twice, and counts what came twice or too late', () => {
    const sent = [...steady(20), { index: 5, atMs: 115 }, { index: 3, atMs: 300 }];

    const { decisions, state } = played(sent, 24);

    expect(framesOf(decisions)).toEqual(steady(20).map((it) => it.index));
    expect(state.counts.late).toBe(2);
  });

  it('conceals one lost frame once, with the frame after it at hand for its redundancy', () => {
    const { decisions, state } = played(
      steady(30).filter((it) => it.index !== 12),
      34,
    );

    const concealed = decisions.slice(0, 30).filter((it) => it.kind === 'conceal');
    expect(concealed).toEqual([{ kind: 'conceal', ticks: TICKS, following: 13 }]);
    expect(state.counts.lost).toBe(1);
  });

  it('has no redundancy to offer for the first of two lost frames', () => {
    const { decisions } = played(
      steady(30).filter((it) => it.index !== 12 && it.index !== 13),
      34,
    );

    expect(decisions.slice(0, 30).filter((it) => it.kind === 'conceal')).toEqual([
      { kind: 'conceal', ticks: TICKS },
      { kind: 'conceal', ticks: TICKS, following: 14 },
    ]);
  });

  it('takes a pause of the sender for silence and not for loss', () => {
    const sent: readonly Sent[] = [
      ...steady(10),
      { index: 10, atMs: 210, isPause: true },
      { index: 18, atMs: 370, isPause: true, sequence: 11 },
      ...Array.from({ length: 10 }, (_, at) => ({
        index: 26 + at,
        atMs: 530 + at * FRAME_MS,
        sequence: 12 + at,
      })),
    ];

    const { decisions, state } = played(sent, 39);

    expect(state.counts.lost).toBe(0);
    expect(framesOf(decisions)).toEqual(sent.map((it) => it.index));
    expect(kindsOf(decisions).filter((it) => it === 'comfort').length).toBeGreaterThanOrEqual(13);
  });

  it('takes the numbers of telephone-events for no loss either', () => {
    const sent: readonly Sent[] = [
      ...steady(10),
      ...[10, 11, 12].map((sequence) => ({
        ...{ index: 10, sequence, frames: 0 },
        atMs: 10 + sequence * FRAME_MS,
      })),
      ...steady(30)
        .slice(20)
        .map((it) => ({ ...it, sequence: it.index - 7 })),
    ];

    const { state } = played(sent, 36);

    expect(state.counts.lost).toBe(0);
    expect(state.counts.played).toBe(20);
  });

  it('waits longer once packets have come late, and shorter again when they do not', () => {
    const noisy = steady(1200).map((it) => ({
      ...it,
      atMs: it.atMs + (it.index < 300 && it.index % 4 === 0 ? 70 : 0),
    }));
    const delayAt = (decisions: readonly PlayoutDecision<number>[], turn: number): number => {
      const at = decisions[turn];
      return at?.kind === 'play' ? turn - at.frame : Number.NaN;
    };

    const { decisions } = played(noisy, 1190, (turn) => turn % 10 === 0);

    expect(delayAt(decisions, 280)).toBeGreaterThanOrEqual(4);
    expect(delayAt(decisions, 1189)).toBeLessThanOrEqual(3);
  });

  it('keeps up with a sender whose clock is fast or slow, at a delay that does not grow', () => {
    for (const ppm of [-300, 300]) {
      const drifting = steady(15_000).map((it) => ({
        ...it,
        atMs: 10 + it.index * FRAME_MS * (1 + ppm / 1e6),
      }));

      const { decisions, state } = played(drifting, 14_990, (turn) => turn % 25 === 0);

      const last = decisions.findLast((it) => it.kind === 'play');
      const lastMs = last?.kind === 'play' ? (drifting[last.frame]?.atMs ?? 0) : 0;
      expect(14_990 * FRAME_MS - lastMs).toBeLessThan(110);
      expect(state.counts.lost).toBe(0);
      expect(state.counts.late).toBeLessThan(20);
    }
  });

  it('gives up on a stream that has ended, and takes up one that begins anew', () => {
    const again = steady(20).map((it) => ({
      ...it,
      index: it.index + 1_000_000,
      sequence: it.index + 20,
      atMs: it.atMs + 2000,
    }));

    const { decisions } = played([...steady(20), ...again], 130);

    const kinds = kindsOf(decisions);
    expect(kinds.slice(45, 95).every((it) => it === 'nothing')).toBe(true);
    expect(framesOf(decisions)).toHaveLength(40);
  });

  it('plays every frame of a packet with several', () => {
    const sent = [0, 3, 6, 9].map((index, at) => ({
      ...{ index, sequence: at, frames: 3 },
      atMs: 70 + index * FRAME_MS,
    }));

    const { decisions } = played(sent, 22);

    expect(framesOf(decisions)).toEqual(Array.from({ length: 12 }, (_, at) => at));
  });

  it('plays once what several packets have, and misses nothing that one of them has (max-red)', () => {
    const sent = Array.from({ length: 38 }, (_, at) => ({
      ...{ index: Math.max(0, at - 2), sequence: at, frames: Math.min(3, at + 1) },
      atMs: 10 + at * FRAME_MS,
    })).filter((it) => it.sequence % 7 !== 3 && it.sequence % 7 !== 4);

    const { decisions, state } = played(sent, 42);

    expect(framesOf(decisions)).toEqual(Array.from({ length: 38 }, (_, at) => at));
    expect(state.counts.lost).toBe(0);
  });

  it('never holds more than it may and never throws, whatever comes', () => {
    const anyEvent = fc.oneof(
      fc.record({
        kind: fc.constant('arrived' as const),
        sequence: fc.integer({ min: 0, max: 0xffff }),
        timestamp: fc.integer({ min: 0, max: 0xffff_ffff }),
        nowMs: fc.integer({ min: 0, max: 100_000 }),
        frames: fc.array(
          fc.record({
            frame: fc.nat(),
            ticks: fc.integer({ min: 1, max: 5760 }),
            isPause: fc.boolean(),
          }),
          { maxLength: 12 },
        ),
      }),
      fc.record({
        kind: fc.constant('due' as const),
        nowMs: fc.integer({ min: 0, max: 100_000 }),
        isQuiet: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 200 }), (events) => {
        let state: JitterState<number> = newJitterBuffer(48_000);
        for (const event of events) state = stepJitterBuffer(state, event).state;
        expect(state.held.length).toBeLessThanOrEqual(64);
        expect(state.soundless.length).toBeLessThanOrEqual(32);
      }),
    );
  });
});
