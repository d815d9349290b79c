import {
  chooseTarget,
  type Hold,
  holdAfterFailure,
  holdAsAsked,
} from '../../../../../media-node/src/core/pcscf/hold-off.ts';
import type { Target } from '../../../../../media-node/src/core/pcscf/targets.ts';

const aTarget = (id: string): Target => ({
  ...{ id, transport: 'tcp', family: 4, address: id, port: 5060, routeHost: id },
  identity: { kind: 'host', name: id },
});
const [A, B] = [aTarget('a'), aTarget('b')];
const failed = (untilMs: number): Hold => ({ untilMs, because: 'failed', failures: 1 });
const asked = (untilMs: number): Hold => ({ untilMs, because: 'asked', failures: 0 });
const choose = (holds: Readonly<Record<string, Hold>>, nowMs = 100) =>
  chooseTarget([A, B], new Map(Object.entries(holds)), nowMs);

describe('SES-7: which P-CSCF is tried', () => {
  it('is the first in order', () => {
    expect(choose({})).toEqual({ kind: 'try', target: A, isFresh: true });
  });

  it('is the next where the first has failed, and the first again when that time is over', () => {
    expect(choose({ a: failed(200) })).toEqual({ kind: 'try', target: B, isFresh: true });
    expect(choose({ a: failed(200) }, 200)).toEqual({ kind: 'try', target: A, isFresh: true });
  });

  it('where all have failed, is the one whose time is over first', () => {
    const choice = choose({ a: failed(300), b: failed(200) });

    expect(choice).toEqual({ kind: 'try', target: B, isFresh: false });
  });

  it('is never one that asked to be left alone', () => {
    expect(choose({ a: asked(200), b: failed(900) })).toMatchObject({ target: B });
    expect(choose({ a: asked(300), b: asked(200) })).toEqual({ kind: 'wait', ms: 100 });
  });

  it('is none where none is known', () => {
    expect(chooseTarget([], new Map(), 0)).toEqual({ kind: 'none' });
  });
});

describe('SES-7: how long a P-CSCF is held off', () => {
  it('twice as long with each failure, ten minutes at most', () => {
    const spans: number[] = [];
    let hold: Hold | undefined;
    for (let count = 0; count < 7; count += 1) {
      hold = holdAfterFailure(hold, 0);
      spans.push(hold.untilMs / 1000);
    }

    expect(spans).toEqual([30, 60, 120, 240, 480, 600, 600]);
  });

  it('a minute at least where its certificate was not good', () => {
    expect(holdAfterFailure(undefined, 0, 60_000).untilMs).toBe(60_000);
  });

  it('a failure does not shorten what was asked for', () => {
    expect(holdAfterFailure(asked(90_000), 0)).toEqual({ ...asked(90_000), failures: 1 });
    expect(holdAfterFailure(asked(10_000), 0)).toMatchObject({ because: 'failed' });
    expect(holdAsAsked(asked(90_000), 10).untilMs).toBe(90_000);
    expect(holdAsAsked(failed(90_000), 10)).toEqual({ ...asked(10), failures: 1 });
    expect(holdAsAsked(undefined, 10)).toEqual(asked(10));
  });
});
