import {
  GOOD,
  type PathEffect,
  type PathEvent,
  type PathState,
  stepPath,
} from '../../../../client/src/core/path-machine.ts';

function walk(...events: readonly PathEvent[]) {
  let state: PathState = GOOD;
  const done: string[] = [];
  for (const event of events) {
    const next = stepPath(state, event);
    state = next.state;
    done.push(...next.effects.map(wordOf));
  }
  return { kind: state.kind, done };
}

function wordOf(effect: PathEffect): string {
  if (effect.kind === 'tell') return effect.isReconnecting ? 'reconnecting' : 'connected';
  return effect.kind === 'start-timer' ? `wait ${String(effect.delayMs)}` : effect.kind;
}

const interrupted: PathEvent = { kind: 'interrupted' };
const connected: PathEvent = { kind: 'connected' };
const lost: PathEvent = { kind: 'lost-to-node' };
const fired: PathEvent = { kind: 'timer-fired' };
const refused: PathEvent = { kind: 'refused' };
const answered = (isConnected: boolean): PathEvent => ({ kind: 'answered', isConnected });

describe('SES-8: a way that is interrupted', () => {
  it('may come back by itself: nothing is offered', () => {
    expect(walk(interrupted, connected)).toEqual({
      kind: 'good',
      done: ['reconnecting', 'wait 2000', 'stop-timer', 'connected'],
    });
  });

  it('is sought anew when it does not', () => {
    expect(walk(interrupted, fired).done.slice(2)).toEqual(['stop-timer', 'offer']);
  });

  it.each<PathEvent['kind'] & ('failed' | 'network-changed' | 'lost-to-node')>([
    'failed',
    'network-changed',
    'lost-to-node',
  ])('is sought at once: %s', (kind) => {
    expect(walk({ kind })).toEqual({ kind: 'offering', done: ['reconnecting', 'offer'] });
  });

  it('is found when the browser says so', () => {
    const { kind, done } = walk({ kind: 'failed' }, answered(false), connected);

    expect([kind, done.at(-1)]).toEqual(['good', 'connected']);
  });

  it('was never lost where the browser stayed connected', () => {
    expect(walk({ kind: 'network-changed' }, answered(true)).kind).toBe('good');
  });
});

describe('SES-8: a way that is not found', () => {
  it('is sought again, in ever longer pauses that end at eight seconds', () => {
    const again = [refused, fired];
    const { done } = walk({ kind: 'failed' }, ...again, ...again, ...again, ...again, refused);

    expect(done.filter((it) => it.startsWith('wait'))).toEqual([
      'wait 2000',
      'wait 4000',
      'wait 6000',
      'wait 8000',
      'wait 8000',
    ]);
  });

  it('is sought again when checks find none', () => {
    const { kind } = walk({ kind: 'failed' }, answered(false), { kind: 'failed' }, fired);

    expect(kind).toBe('offering');
  });

  it('is not waited for when there is another network', () => {
    const { kind } = walk({ kind: 'failed' }, refused, { kind: 'network-changed' });

    expect(kind).toBe('offering');
  });
});

describe('MED-6: a node that cannot reach us', () => {
  it('is believed: only its own word ends the search', () => {
    const before = walk(lost, answered(true), connected);
    const after = walk(lost, answered(true), connected, { kind: 'restored-to-node' });

    expect(before.kind).toBe('checking');
    expect([after.kind, after.done.at(-1)]).toEqual(['good', 'connected']);
  });

  it('may say it while we search already', () => {
    expect(walk({ kind: 'failed' }, lost, answered(true)).kind).toBe('checking');
  });
});
