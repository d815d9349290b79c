import type { Call } from '../../../client/src/app/call.ts';
import { PhoneBench } from './phone-bench.ts';

describe('CLI-1, SES-5: transfers', () => {
  let bench: PhoneBench;
  let call: Call;

  beforeEach(async () => {
    bench = new PhoneBench();
    await bench.logIn();
    call = bench.phone.call('bob');
    await bench.settle();
    await bench.grant('call.start', { sdp: 'answer' });
    await bench.tell({ event: 'call.answered', seq: 2, callId: call.id });
  });

  const news = (seq: number, state: 'ringing' | 'failed', text: string) =>
    bench.tell({ event: 'call.transfer', seq, callId: call.id, state, text });

  it('ask once, and tell how it goes', async () => {
    const states: string[] = [];
    call.on('transfer', ({ state, text }) => states.push(`${state} ${text}`));

    call.transfer('carol');
    await bench.grant('call.transfer');
    await news(3, 'ringing', 'ringing');
    await news(4, 'failed', 'busy');

    expect(bench.socket.of('call.transfer')).toMatchObject([{ target: 'carol', callId: call.id }]);
    expect(states).toEqual(['trying transferring', 'ringing ringing', 'failed busy']);
    expect(call.transferring).toEqual({ state: 'failed', text: 'busy' });
    expect(call.phase).toBe('active');
  });

  it('that the service refuses fail with its sentence', async () => {
    call.transfer('+49900');
    await bench.refuse('call.transfer', 'call.destination-barred');

    expect(call.transferring).toEqual({
      state: 'failed',
      text: 'sentence of call.destination-barred',
    });
  });

  it('connect two calls, and end with what the node says', async () => {
    const other = bench.phone.call('carol');
    await bench.settle();
    call.transferTo(other);
    await bench.grant('call.hold');
    await bench.grant('call.transfer-to');
    await bench.tell({
      ...{ event: 'call.ended', seq: 3, callId: call.id },
      ...{ cause: 'transferred', text: 'transferred' },
    });

    expect(bench.socket.of('call.transfer-to')).toMatchObject([{ otherCallId: other.id }]);
    expect(call.end).toEqual({ cause: 'transferred', text: 'transferred' });
  });

  it('by the other side change who it is', async () => {
    const told: unknown[] = [];
    call.on('moving', ({ state, to }) => told.push([state, to.uri]));
    call.on('remote', ({ uri }) => told.push(uri));
    const to = { uri: 'sip:carol@ims.example' };

    const moving = { event: 'call.moving', seq: 3, callId: call.id, state: 'trying' } as const;
    await bench.tell({ ...moving, to, text: 'being put through' });
    await bench.tell({ event: 'call.moved', seq: 4, callId: call.id, to });

    expect(told).toEqual([['trying', to.uri], to.uri]);
    expect(call.remote).toEqual(to);
  });

  it('say of who calls by whom he was sent, as long as it is him', async () => {
    const from = { uri: 'sip:dave@ims.example' };
    const referredBy = 'sip:erin@ims.example';
    const rung: Call[] = [];
    bench.phone.declineWhenBusy = false;
    bench.phone.on('incoming', (it) => rung.push(it));
    const ringing = { event: 'call.incoming', seq: 3, callId: 'c-2', sdp: 'offer' } as const;
    await bench.tell({ ...ringing, from, referredBy });

    expect(rung.map((it) => it.referredBy)).toEqual([referredBy]);

    const to = { uri: 'sip:carol@ims.example' };
    await bench.tell({ event: 'call.moved', seq: 4, callId: 'c-2', to });
    expect(rung.map((it) => it.referredBy)).toEqual([undefined]);
    expect(call.referredBy).toBeUndefined();
  });
});
