import type { Call } from '../../../client/src/app/call.ts';
import type { Frame } from './phone-bench.ts';
import { PhoneBench } from './phone-bench.ts';

let bench: PhoneBench;
let seq: number;

beforeEach(async () => {
  bench = new PhoneBench();
  await bench.logIn();
  seq = 1;
});

const next = (): number => {
  seq += 1;
  return seq;
};

const commands = (): readonly Frame[] =>
  bench.sockets.flatMap(({ sent }) => sent).filter((it) => it.action.startsWith('call.'));
const actions = (): readonly string[] => commands().map(({ action }) => action);

async function dial(): Promise<Call> {
  const call = bench.phone.call('echo');
  await bench.settle();
  return call;
}

async function talk(): Promise<Call> {
  const call = await dial();
  await bench.grant('call.start', { sdp: 'early' });
  await bench.tell({ event: 'call.answered', seq: next(), callId: call.id });
  return call;
}

async function ring(callId = 'incoming-1', sdp = 'offer'): Promise<Call | undefined> {
  let call: Call | undefined;
  const stop = bench.phone.on('incoming', (it) => {
    call = it;
  });
  const from = { uri: 'sip:bob@ims.example' };
  await bench.tell({ event: 'call.incoming', seq: next(), callId, from, sdp });
  stop();
  return call;
}

describe('SES-1: an outgoing call', () => {
  it('goes from calling through ringing to talking', async () => {
    const call = await dial();
    const phases = [call.phase];
    call.on('phase', (phase) => phases.push(phase));

    await bench.grant('call.start', { sdp: 'early' });
    const on = { callId: call.id };
    await bench.tell({ event: 'call.progress', seq: next(), ...on, state: 'ringing' });
    await bench.tell({ event: 'call.answered', seq: next(), ...on });

    expect(phases).toEqual(['calling', 'ringing', 'active']);
    expect(bench.peer.done).toEqual(['offer', 'answer early']);
    expect(bench.tones).toEqual(['ringback', 'none']);
  });

  it('is silent where the far end plays tones of its own', async () => {
    const call = await dial();
    await bench.grant('call.start', { sdp: 'early' });

    const on = { event: 'call.progress', callId: call.id } as const;
    await bench.tell({ ...on, seq: next(), state: 'early-media' });
    await bench.tell({ ...on, seq: next(), state: 'ringing', localRingback: false });

    expect(bench.tones).toEqual(['none', 'none']);
  });

  it('sends candidates only behind the answer to its start, one command at a time', async () => {
    await dial();
    for (const name of ['a', 'b']) bench.peer.listener.candidate({ candidate: name });
    const before = actions();

    await bench.grant('call.start', { sdp: 'early' });
    bench.peer.listener.candidate({ candidate: 'c' });
    bench.peer.listener.candidate({ candidate: '' });
    const meanwhile = actions();
    await bench.grant('call.candidate');

    expect(before).toEqual(['call.start']);
    expect(meanwhile).toEqual(['call.start', 'call.candidate']);
    expect(commands().slice(1)).toMatchObject([
      { seq: 2, candidates: [{ candidate: 'a' }, { candidate: 'b' }] },
      { seq: 3, candidates: [{ candidate: 'c' }, { candidate: '' }] },
    ]);
  });

  it('keeps events that overtake the answer to its start', async () => {
    const call = await dial();
    await bench.tell({ event: 'call.answered', seq: next(), callId: call.id });
    const offer = { callId: call.id, offerId: 1, sdp: 'again' };
    await bench.tell({ event: 'call.offer', seq: next(), ...offer });
    expect(call.phase).toBe('calling');

    await bench.grant('call.start', { sdp: 'early' });

    expect(call.phase).toBe('active');
    expect(bench.peer.done).toEqual(['offer', 'answer early', 'offer again']);
    expect(commands().at(-1)).toMatchObject({ offerId: 1, sdp: 'answer to again' });
  });

  it('ends with the words of the service', async () => {
    const call = await dial();
    await bench.grant('call.start', { sdp: 'early' });

    const ending = { cause: 'busy', text: 'busy' } as const;
    await bench.tell({ event: 'call.ended', seq: next(), callId: call.id, ...ending });

    expect(call.end).toEqual(ending);
    expect(bench.peer.isClosed).toBe(true);
    expect(bench.microphone.stopped).toBe(1);
    expect(bench.phone.calls).toEqual([]);
  });

  it('that is refused says why', async () => {
    const call = await dial();
    const errors: string[] = [];
    call.on('error', ({ code }) => errors.push(code));

    await bench.refuse('call.start', 'call.bad-target');

    expect(errors).toEqual(['call.bad-target']);
    expect(call.end?.text).toBe('not found');
    expect(actions()).toEqual(['call.start']);
  });

  it('without a microphone is not placed at all', async () => {
    bench.microphone.isRefused = true;
    const call = bench.phone.call('echo');
    const errors: string[] = [];
    call.on('error', ({ code }) => errors.push(code));
    await bench.settle();

    expect(errors).toEqual(['call.microphone']);
    expect(call.phase).toBe('ended');
    expect(actions()).toEqual([]);
  });

  it('needs a log-in', () => {
    expect(() => new PhoneBench().phone.call('echo')).toThrow('Log in first.');
  });
});

describe('SES-1: hanging up', () => {
  it('before the offer is made leaves nothing behind', async () => {
    const call = bench.phone.call('echo');
    call.hangUp();
    await bench.settle();

    expect(actions()).toEqual([]);
    expect(bench.microphone.stopped).toBe(1);
  });

  it('while the start is not answered cancels it behind its answer', async () => {
    const call = await dial();
    call.hangUp();
    expect(call.end?.cause).toBe('cancelled');
    expect(actions()).toEqual(['call.start']);

    await bench.grant('call.start', { sdp: 'early' });

    expect(actions()).toEqual(['call.start', 'call.hang-up']);
  });

  it('in the conversation ends it', async () => {
    const call = await talk();

    call.hangUp();

    expect(call.end).toEqual({ cause: 'hung-up', text: 'hung up' });
    expect(actions()).toEqual(['call.start', 'call.hang-up']);
  });

  it('reaches the node after the socket was changed', async () => {
    const call = await talk();
    bench.socket.listener.closed();
    call.hangUp();
    await bench.advance(500);
    await bench.open();
    await bench.grant('resume', { events: [] });

    expect(bench.socket.of('call.hang-up')).toHaveLength(1);
  });

  it('happens to every call on log-out', async () => {
    const call = await talk();

    bench.phone.logOut();

    expect(call.phase).toBe('ended');
  });
});

describe('SES-2, MED-11: an incoming call', () => {
  it('warms up without a microphone, and asks for it when accepted', async () => {
    const call = await ring();
    bench.peer.listener.candidate({ candidate: 'a' });
    expect(bench.peer.done).toEqual(['offer offer']);
    await bench.grant('call.ring');
    await bench.grant('call.candidate');

    call?.accept();
    await bench.settle();
    const before = call?.phase;
    await bench.grant('call.accept');
    await bench.tell({ event: 'call.answered', seq: next(), callId: 'incoming-1' });

    expect(bench.peer.done).toEqual(['offer offer', 'microphone']);
    expect(actions()).toEqual(['call.ring', 'call.candidate', 'call.accept']);
    expect([before, call?.phase]).toEqual(['connecting', 'active']);
    expect(bench.tones).toEqual(['ringing', 'none']);
  });

  it('that is accepted before it is warm is rung first', async () => {
    bench.phone.on('incoming', (call) => {
      call.accept();
    });
    await ring();
    await bench.grant('call.ring');

    expect(actions()).toEqual(['call.ring', 'call.accept']);
  });

  it('is declined', async () => {
    const call = await ring();
    await bench.grant('call.ring');

    call?.decline();

    expect(commands().at(-1)).toMatchObject({ action: 'call.decline', reason: 'declined' });
    expect(call?.end?.text).toBe('declined');
  });

  it('without a microphone is declined, with an alert', async () => {
    bench.microphone.isRefused = true;
    const call = await ring();
    const errors: string[] = [];
    call?.on('error', ({ code }) => errors.push(code));
    await bench.grant('call.ring');

    call?.accept();
    await bench.settle();

    expect(errors).toEqual(['call.microphone']);
    expect(commands().at(-1)).toMatchObject({ action: 'call.decline' });
  });

  it('whose offer the browser cannot take is declined', async () => {
    const call = await ring('incoming-1', 'broken');

    expect(call?.phase).toBe('ended');
    expect(actions()).toEqual(['call.decline']);
  });

  it('during another one hears busy and disturbs nobody', async () => {
    const first = await talk();

    const second = await ring('incoming-2');

    expect(second).toBeUndefined();
    expect(commands().at(-1)).toMatchObject({ callId: 'incoming-2', reason: 'busy' });
    expect(first.phase).toBe('active');
  });

  it('that the caller gives up stops ringing', async () => {
    const call = await ring();

    const ending = { cause: 'cancelled', text: 'cancelled' } as const;
    await bench.tell({ event: 'call.ended', seq: next(), callId: 'incoming-1', ...ending });

    expect(call?.end).toEqual(ending);
    expect(bench.tones.at(-1)).toBe('none');
  });
});

describe('CLI-1: in the conversation', () => {
  it('mutes, and stays muted', async () => {
    const call = await talk();

    call.mute(true);

    expect([call.muted, bench.microphone.enabled]).toEqual([true, false]);
  });

  it('sends digits then and only then', async () => {
    const early = await dial();
    expect(early.sendDtmf('1')).toBe(false);
    early.hangUp();
    await bench.grant('call.start', { sdp: 'early' });

    const call = await talk();

    expect(call.sendDtmf('5#')).toBe(true);
    expect(bench.peer.done.at(-1)).toBe('dtmf 5#');
  });

  it('tells the quality every second', async () => {
    const call = await talk();
    for (const packetsReceived of [50, 100]) {
      bench.peer.counts = { ...bench.peer.counts, packetsReceived };
      await bench.advance(1_000);
      await bench.settle();
    }

    expect(call.quality).toMatchObject({ words: 'Good', roundTripMs: 20, lossRatio: 0 });
  });

  it('says once that nothing has been heard for ten seconds, and when it is heard again', async () => {
    const call = await talk();
    const said: string[] = [];
    call.on('media', (media) => said.push(media));

    for (let second = 0; second < 14; second += 1) {
      await bench.advance(1_000);
      await bench.settle();
    }
    bench.peer.counts = { ...bench.peer.counts, packetsReceived: 1 };
    await bench.advance(1_000);
    await bench.settle();

    expect(said).toEqual(['lost', 'flowing']);
  });

  it('says that the path is broken', async () => {
    const call = await talk();
    const said: string[] = [];
    call.on('media', (media) => said.push(media));

    bench.peer.listener.lost('failed');

    expect(said).toEqual(['lost']);
  });

  it('ends when the session cannot be resumed', async () => {
    const call = await talk();
    bench.socket.listener.closed();
    await bench.advance(500);
    await bench.open();
    await bench.refuse('resume', 'session.ended');

    expect(call.end?.cause).toBe('network-failure');
  });
});
