import {
  firstReliable,
  parseRAck,
  type ReliableEffect,
  type ReliableEvent,
  type ReliableState,
  stepReliable,
} from '../../media-node/src/core/session/reliable-provisional.ts';

const CSEQ = 7;

interface Walk {
  readonly state: ReliableState;
  readonly effects: readonly ReliableEffect[];
  readonly last: readonly ReliableEffect[];
}

const walk = (...events: readonly ReliableEvent[]): Walk =>
  events.reduce<Walk>(
    ({ state, effects }, event) => {
      const next = stepReliable(state, event);
      return { state: next.state, effects: [...effects, ...next.effects], last: next.effects };
    },
    { state: firstReliable({ cseq: CSEQ, rseq: 70, t1Ms: 500 }), effects: [], last: [] },
  );

const wanted = (status: number, sdp?: string): ReliableEvent => ({
  kind: 'response-wanted',
  response: { status, ...(sdp !== undefined && { sdp }) },
});
const pracked = (rseq: number, cseq = CSEQ, method = 'INVITE'): ReliableEvent => ({
  kind: 'prack-received',
  rack: { rseq, cseq, method },
});
const answerWanted: ReliableEvent = { kind: 'answer-wanted' };
const fired = (timer: 'retransmit' | 'give-up'): ReliableEvent => ({ kind: 'timer-fired', timer });
const kinds = (effects: readonly ReliableEffect[]): string[] => effects.map(({ kind }) => kind);
const sent = (effects: readonly ReliableEffect[]): (readonly [number, number])[] =>
  effects.flatMap((it) =>
    it.kind === 'send-provisional' ? [[it.response.status, it.response.rseq] as const] : [],
  );

describe('RFC 3262 §3 – SES-3: reliable provisional responses of a callee', () => {
  it('number themselves one by one, each behind the PRACK of the one before', () => {
    const first = walk(wanted(183, 'answer'), wanted(180));
    const second = walk(wanted(183, 'answer'), wanted(180), pracked(71));

    expect(sent(first.effects)).toEqual([[183, 71]]);
    expect(sent(second.last)).toEqual([[180, 72]]);
  });

  it('are repeated at T1, doubled each time, and given up after 64·T1', () => {
    const { effects } = walk(
      wanted(183, 'answer'),
      fired('retransmit'),
      fired('retransmit'),
      fired('retransmit'),
    );
    const delays = effects.flatMap((it) =>
      it.kind === 'start-timer' ? [`${it.timer} ${String(it.ms)}`] : [],
    );
    const given = walk(wanted(183, 'answer'), fired('give-up'));

    expect(sent(effects)).toEqual([
      [183, 71],
      [183, 71],
      [183, 71],
      [183, 71],
    ]);
    expect(delays).toEqual([
      'retransmit 500',
      'give-up 32000',
      'retransmit 1000',
      'retransmit 2000',
      'retransmit 4000',
    ]);
    expect(kinds(given.last)).toEqual(['give-up', 'stop-timer', 'stop-timer']);
    expect(given.state.isOver).toBe(true);
  });

  it('hold back the 2xx until the PRACK of a description', () => {
    const held = walk(wanted(183, 'answer'), answerWanted);
    const released = walk(wanted(183, 'answer'), answerWanted, pracked(71));

    expect(kinds(held.effects)).not.toContain('send-answer');
    expect(kinds(released.last)).toEqual([
      'stop-timer',
      'stop-timer',
      'accept-prack',
      'send-answer',
    ]);
  });

  it('hold it back for a description that has yet to be sent, and drop what describes nothing', () => {
    const { effects, last } = walk(
      wanted(180),
      wanted(183, 'answer'),
      wanted(180),
      answerWanted,
      pracked(71),
      pracked(72),
    );

    expect(sent(effects)).toEqual([
      [180, 71],
      [183, 72],
    ]);
    expect(kinds(last)).toContain('send-answer');
  });

  it('let the 2xx overtake one that describes nothing, and are not repeated behind it', () => {
    const { last, state } = walk(wanted(180), answerWanted);
    const late = stepReliable(state, fired('retransmit'));

    expect(kinds(last)).toEqual(['stop-timer', 'stop-timer', 'send-answer']);
    expect(late.effects).toEqual([]);
  });

  it.each([
    ['an RSeq never sent', pracked(99)],
    ['another CSeq', pracked(71, 8)],
    ['another method', pracked(71, CSEQ, 'UPDATE')],
    ['no RAck', { kind: 'prack-received', rack: undefined }],
  ] as const)('a PRACK with %s is refused and acknowledges nothing', (_, prack) => {
    const { last, state } = walk(wanted(183, 'answer'), prack);

    expect(kinds(last)).toEqual(['refuse-prack']);
    expect(state.outstanding?.rseq).toBe(71);
  });

  it('a second PRACK of the same response is refused', () => {
    expect(kinds(walk(wanted(180), pracked(71), pracked(71)).last)).toEqual(['refuse-prack']);
  });

  it('end with the call: nothing is sent or repeated after a rejection', () => {
    const { state, last } = walk(wanted(183, 'answer'), { kind: 'ended' });

    expect(kinds(last)).toEqual(['stop-timer', 'stop-timer']);
    for (const event of [wanted(180), answerWanted, fired('retransmit'), fired('give-up')])
      expect(stepReliable(state, event).effects).toEqual([]);
    expect(kinds(stepReliable(state, pracked(71)).effects)).toEqual(['refuse-prack']);
  });

  it('nothing provisional follows an answer that is due, and it is due once', () => {
    const { state } = walk(wanted(183, 'answer'), answerWanted);

    expect(stepReliable(state, wanted(180)).effects).toEqual([]);
    expect(stepReliable(state, answerWanted).effects).toEqual([]);
  });

  it.each([0, 1, 2 ** 31 - 1, 2 ** 32])(
    'starts with an RSeq from 1 up to 2³¹ − 1, of %i',
    (seed) => {
      const { nextRseq } = firstReliable({ cseq: CSEQ, rseq: seed, t1Ms: 500 });

      expect(nextRseq).toBeGreaterThanOrEqual(1);
      expect(nextRseq).toBeLessThan(2 ** 31);
    },
  );
});

describe('RFC 3262 §7.2 – RAck', () => {
  it('is a response number, a CSeq and a method', () => {
    expect(parseRAck(' 71  7 INVITE ')).toEqual({ rseq: 71, cseq: 7, method: 'INVITE' });
  });

  it.each([undefined, '', '71 7', '71 INVITE', 'x 7 INVITE', '71 7 INVITE INVITE', '-1 7 INVITE'])(
    'is not %p',
    (text) => {
      expect(parseRAck(text)).toBeUndefined();
    },
  );
});
