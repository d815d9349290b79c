import { tenantId } from '@isthmus/shared/domain/ids';
import { LadderBook } from '../../../../../media-node/src/app/trace/ladder-book.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

const call = { tenantId: tenantId('coast'), callId: 'call-0001' };
const MB = 2 ** 20;

function aBook(budgetBytes = MB) {
  const clock = new FakeClock();
  const book = new LadderBook(clock, { budgetBytes });
  const sip = (id: string, title: string, begins = false): void => {
    book.sip([{ id, begins }], { direction: 'out', title, text: title });
  };
  const wire = (title: string, of = call, text = title): void => {
    book.wire(of, { direction: 'in', title, text });
  };
  const titles = (userName?: string) => book.ladder(call, userName)?.map(({ title }) => title);
  return { book, clock, sip, wire, titles };
}

describe('OPS-5: the ladder of a call', () => {
  it('shows both legs in the order of time, and which way each message went', () => {
    const { book, clock, sip, wire } = aBook();
    book.begin(call, ['alice']);
    wire('call.start');
    sip('leg', 'INVITE', true);
    book.join(call, 'leg');
    clock.advance(20);
    sip('leg', 'ACK');
    book.wire(call, { direction: 'out', title: 'call.answered', text: '' });

    expect(book.ladder(call)).toEqual([
      { atMs: 0, from: 'browser', to: 'isthmus', title: 'call.start', text: 'call.start' },
      { atMs: 0, from: 'isthmus', to: 'ims', title: 'INVITE', text: 'INVITE' },
      { atMs: 20, from: 'isthmus', to: 'ims', title: 'ACK', text: 'ACK' },
      { atMs: 20, from: 'isthmus', to: 'browser', title: 'call.answered', text: '' },
    ]);
  });

  it('is seen by its users alone, and by nobody of another tenant', () => {
    const { book, titles } = aBook();
    book.begin(call, ['alice', 'bela']);

    expect(titles('bela')).toEqual([]);
    expect(titles('mallory')).toBeUndefined();
    expect(book.ladder({ ...call, tenantId: tenantId('harbour') })).toBeUndefined();
  });

  it('is a new one where the id of a call comes again', () => {
    const { book, titles, wire } = aBook();
    book.begin(call, ['alice']);
    wire('call.start');
    book.begin(call, ['mallory']);

    expect(titles('alice')).toBeUndefined();
    expect(titles('mallory')).toEqual([]);
  });

  it('keeps nothing of a SIP leg that never began', () => {
    const { book, sip } = aBook();

    sip('registration', 'REGISTER');

    expect(book.sizeBytes).toBe(0);
  });

  it('keeps how a long call began and what came last', () => {
    const { book, titles, wire } = aBook();
    book.begin(call, ['alice']);
    for (let at = 0; at < 1_000; at += 1) wire(String(at));

    expect(titles()).toHaveLength(200);
    expect(titles()?.slice(0, 40)).toEqual(Array.from({ length: 40 }, (_, at) => String(at)));
    expect(titles()?.at(-1)).toBe('999');
  });

  it('never takes more memory than it may: the calls longest silent go first', () => {
    const { book, wire } = aBook(100_000);
    const ids = Array.from({ length: 50 }, (_, at) => ({ ...call, callId: `call-${String(at)}` }));
    for (const id of ids) {
      book.begin(id, ['alice']);
      for (let at = 0; at < 5; at += 1) wire('x', id, 'y'.repeat(50_000));
      expect(book.sizeBytes).toBeLessThanOrEqual(100_000);
    }

    expect(ids.map((id) => book.ladder(id) !== undefined).indexOf(true)).toBe(49);
  });

  it('is forgotten a while after its last message', () => {
    const { book, clock, titles, wire } = aBook();
    const later = { ...call, callId: 'call-0002' };
    book.begin(call, ['alice']);
    wire('call.start');
    clock.advance(46 * 60_000);
    book.begin(later, ['alice']);
    wire('call.start', later);

    expect(titles()).toBeUndefined();
    expect(book.ladder(later)).toHaveLength(1);
  });
});
