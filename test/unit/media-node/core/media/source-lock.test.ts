import { SourceLock } from '../../../../../media-node/src/core/media/source-lock.ts';

const SIGNALLED = { address: '192.0.2.7', port: 4_000 };

describe('MED-12: the source of media', () => {
  it('is the signalled one alone', () => {
    const lock = new SourceLock(SIGNALLED, false);

    expect(lock.hears({ ...SIGNALLED, port: 4_002 }, () => true)).toBe(false);
    expect(lock.hears({ ...SIGNALLED, address: '192.0.2.8' }, () => true)).toBe(false);
    expect(lock.hears(SIGNALLED, () => true)).toBe(true);
    expect(lock.peer).toEqual(SIGNALLED);
  });

  it('is learnt once where that is allowed', () => {
    const lock = new SourceLock(SIGNALLED, true);
    const elsewhere = { address: '192.0.2.200', port: 9 };

    expect(lock.peer).toEqual(SIGNALLED);
    expect(lock.hears(elsewhere, () => true)).toBe(true);
    expect(lock.hears(SIGNALLED, () => true)).toBe(false);
    expect(lock.peer).toEqual(elsewhere);
  });

  it.each([
    ['192.0.2.7', '192.0.3.7'],
    ['2001:db8:0:1::7', '2001:db8:0:2::7'],
    ['192.0.2.7', '2001:db8:0:1::7'],
    ['192.0.2.7', 'nonsense'],
  ])('is not learnt beyond the network of %s: %s', (address, elsewhere) => {
    const lock = new SourceLock({ address, port: 4_000 }, true);

    expect(lock.hears({ address: elsewhere, port: 4_000 }, () => true)).toBe(false);
    expect(lock.hears({ address, port: 4_001 }, () => true)).toBe(true);
  });

  it('is not learnt from what is no media', () => {
    const lock = new SourceLock(SIGNALLED, true);

    expect(lock.hears({ ...SIGNALLED, port: 1 }, () => false)).toBe(false);
    expect(lock.hears({ ...SIGNALLED, port: 2 }, () => true)).toBe(true);
  });
});
