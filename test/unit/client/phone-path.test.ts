import type { Call } from '../../../client/src/app/call.ts';
import { type Frame, PhoneBench } from './phone-bench.ts';

let bench: PhoneBench;
let call: Call;
let told: boolean[];

beforeEach(async () => {
  bench = new PhoneBench();
  await bench.logIn();
  call = bench.phone.call('echo');
  told = [];
  call.on('reconnecting', (is) => told.push(is));
  await bench.settle();
});

async function talk(): Promise<void> {
  await bench.grant('call.start', { sdp: 'early' });
  await bench.tell({ event: 'call.answered', seq: 2, callId: call.id });
}

const restarts = (): readonly Frame[] =>
  bench.sockets.flatMap((socket) => socket.of('call.restart'));

describe('CLI-1, SES-8: a call whose network changes', () => {
  it('offers the node another way, and takes its answer', async () => {
    await talk();
    bench.changeNetwork();
    await bench.open();
    await bench.grant('resume', { events: [] });
    const offered = { callId: call.id, sdp: 'offer of another way', seq: 2 };
    expect(bench.socket.of('call.restart')).toMatchObject([offered]);
    expect(call.reconnecting).toBe(true);

    bench.peer.isConnected = true;
    await bench.grant('call.restart', { sdp: 'another way' });

    expect(bench.peer.done.slice(-2)).toEqual(['restart', 'answer another way']);
    expect([call.reconnecting, told]).toEqual([false, [true, false]]);
  });

  it('waits a moment for a way that is only interrupted', async () => {
    await talk();
    bench.peer.listener.lost('interrupted');
    await bench.advance(1_900);
    expect([restarts().length, call.reconnecting]).toEqual([0, true]);

    await bench.advance(200);

    expect(restarts()).toHaveLength(1);
  });

  it('sends the candidates of the new way behind its offer', async () => {
    await talk();
    bench.peer.listener.lost('failed');
    await bench.settle();
    bench.peer.listener.candidate({ candidate: 'new' });
    await bench.grant('call.restart', { sdp: 'another way' });

    expect(bench.socket.of('call.candidate')).toMatchObject([{ seq: 3 }]);
  });

  it('takes its offer back where the node refuses it, and tries again', async () => {
    await talk();
    bench.peer.listener.lost('failed');
    await bench.settle();

    await bench.refuse('call.restart', 'call.wrong-state');
    expect(bench.peer.done.at(-1)).toBe('roll back');
    await bench.advance(2_000);

    expect(restarts()).toHaveLength(2);
  });

  it('answers an offer of the node that was refused for, first', async () => {
    await talk();
    bench.peer.listener.lost('failed');
    await bench.settle();
    await bench.tell({ event: 'call.offer', seq: 3, callId: call.id, offerId: 0, sdp: 're-offer' });
    await bench.refuse('call.restart', 'call.wrong-state');

    expect(bench.peer.done.slice(-3)).toEqual(['restart', 'roll back', 'offer re-offer']);
    expect(bench.socket.of('call.answer')).toHaveLength(1);
  });

  it('asks over the next socket where the first is gone with the network', async () => {
    await talk();
    bench.socket.listener.closed();
    bench.changeNetwork();
    await bench.open();
    await bench.grant('resume', { events: [] });

    expect(bench.socket.of('call.restart')).toHaveLength(1);
  });
});

describe('MED-6: a call that the node cannot reach', () => {
  it('looks for another way at its word, until it says that there is one', async () => {
    await talk();
    bench.peer.isConnected = true;
    await bench.tell({ event: 'call.path', seq: 3, callId: call.id, state: 'lost' });
    await bench.grant('call.restart', { sdp: 'another way' });
    expect(call.reconnecting).toBe(true);

    await bench.tell({ event: 'call.path', seq: 4, callId: call.id, state: 'restored' });

    expect(told).toEqual([true, false]);
  });
});

describe('SES-8: no other way is looked for', () => {
  it('before the node knows of the call', async () => {
    bench.changeNetwork();
    await bench.settle();

    expect(restarts()).toEqual([]);
  });

  it('once the call is over', async () => {
    await talk();
    bench.peer.listener.lost('interrupted');
    call.hangUp();
    await bench.advance(10_000);

    expect(restarts()).toEqual([]);
  });
});

describe('MED-5: credentials of TURN', () => {
  it('are those of the last resumption when another way is looked for', async () => {
    await talk();
    const iceServers = [{ urls: 'turn:turn.example', username: '2', credential: 'new' }];
    bench.socket.listener.closed();
    await bench.advance(500);
    await bench.open();
    await bench.grant('resume', { events: [], iceServers });

    bench.peer.listener.lost('failed');
    await bench.settle();

    expect(bench.peer.iceServers).toEqual(iceServers);
  });
});
