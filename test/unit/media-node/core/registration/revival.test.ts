import {
  type RevivalEvent,
  type RevivalState,
  revivalAtRest,
  stepRevival,
} from '../../../../../media-node/src/core/registration/revival.ts';

const MIN_MS = 60_000;
const over = { kind: 'registration-over' } as const;
const fired = { kind: 'timer-fired' } as const;
const registered = { kind: 'registered' } as const;

function run(events: readonly RevivalEvent[], chance = 0) {
  let state: RevivalState = revivalAtRest;
  const effects = events.map((event) => {
    const after = stepRevival(state, event, chance);
    ({ state } = after);
    return after.effects;
  });
  return { state, effects, waits: effects.flat().flatMap((it) => ('ms' in it ? [it.ms] : [])) };
}

const failing = (times: number): readonly RevivalEvent[] =>
  Array.from({ length: times }, () => [over, fired]).flat();

describe('REG-9: a trunk whose registration is over', () => {
  it('comes again after five minutes, then after twice as long, half an hour at most', () => {
    const { effects, waits } = run(failing(5));

    expect(waits.map((ms) => ms / MIN_MS)).toEqual([5, 10, 20, 30, 30]);
    expect(effects.filter((it) => it[0]?.kind === 'register-anew')).toHaveLength(5);
  });

  it.each([0, 0.5, 0.999])('never comes earlier or later than that (chance %d)', (chance) => {
    for (const ms of run(failing(40), chance).waits) {
      expect(ms).toBeGreaterThanOrEqual(5 * MIN_MS);
      expect(ms).toBeLessThanOrEqual(30 * MIN_MS);
    }
  });

  it('begins anew with its waits once it was registered', () => {
    const { waits } = run([...failing(3), registered, over]);

    expect(waits.at(-1)).toBe(5 * MIN_MS);
  });

  it('waits once, however often it hears that it is over', () => {
    expect(run([over, over, over]).waits).toHaveLength(1);
  });

  it('does not come while another way has registered it', () => {
    const { effects } = run([over, registered, fired]);

    expect(effects.slice(1)).toEqual([[{ kind: 'stop-timer' }], []]);
  });

  it('comes no more after it was closed', () => {
    const { effects } = run([over, { kind: 'close-wanted' }, fired, over, registered]);

    expect(effects.slice(1)).toEqual([[{ kind: 'stop-timer' }], [], [], []]);
  });
});
