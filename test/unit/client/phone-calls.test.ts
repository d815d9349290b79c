import type { Call } from '../../../client/src/app/call.ts';
import type { Held } from '../../../client/src/core/holding.ts';
import { type Frame, PhoneBench } from './phone-bench.ts';

let bench: PhoneBench;
let seq: number;

beforeEach(async () => {
  bench = new PhoneBench();
  bench.phone.declineWhenBusy = false;
  await bench.logIn();
  seq = 1;
});

const next = (): number => {
  seq += 1;
  return seq;
};
const commands = (): readonly Frame[] =>
  bench.sockets.flatMap(({ sent }) => sent).filter((it) => it.action.startsWith('call.'));
const actionsOf = (call: Call | undefined): readonly string[] =>
  commands().flatMap(({ action, ...it }) => (it['callId'] === call?.id ? action : []));

async function talk(): Promise<Call> {
  const call = bench.phone.call('echo');
  await bench.settle();
  await bench.grant('call.start', { sdp: 'early' });
  await bench.tell({ event: 'call.answered', seq: next(), callId: call.id });
  return call;
}

async function ring(callId = 'incoming-1'): Promise<Call> {
  const came = new Promise<Call>((resolve) => {
    bench.phone.on('incoming', resolve);
  });
  const from = { uri: 'sip:bob@ims.example' };
  await bench.tell({ event: 'call.incoming', seq: next(), callId, from, sdp: 'offer' });
  return came;
}

const tellHeld = ({ id: callId }: Call, held: Held) =>
  bench.tell({ event: 'call.held', seq: next(), callId, ...held });

describe('CLI-1, SES-5: holding a call', () => {
  it('shows at once, and turns microphone and loudspeaker off', async () => {
    const call = await talk();
    const held: Held[] = [];
    call.on('held', (now) => held.push(now));

    call.hold();
    call.hold();
    await bench.settle();

    expect(held).toEqual([{ byUs: true, byThem: false }]);
    expect(actionsOf(call)).toEqual(['call.start', 'call.hold']);
    expect([bench.microphone.enabled, bench.peer.isHeard]).toEqual([false, false]);
  });

  it('resumes, and is as muted as it was', async () => {
    const call = await talk();
    call.mute(true);
    call.hold();
    await bench.grant('call.hold');

    call.resume();
    await bench.grant('call.resume');
    const whileMuted = bench.microphone.enabled;
    call.mute(false);

    expect([whileMuted, bench.microphone.enabled, bench.peer.isHeard]).toEqual([false, true, true]);
    expect(call.held).toEqual({ byUs: false, byThem: false });
  });

  it('that is refused is taken back, and said', async () => {
    const call = await talk();
    const said: string[] = [];
    call.on('error', ({ code }) => said.push(code));

    call.hold();
    await bench.refuse('call.hold', 'call.wrong-state');

    expect(said).toEqual(['call.wrong-state']);
    expect(call.held.byUs).toBe(false);
    expect(bench.microphone.enabled).toBe(true);
  });

  it('by the other side is told, and sounds now and then where nothing else does', async () => {
    const call = await talk();
    bench.tones.length = 0;
    await tellHeld(call, { byUs: false, byThem: true });
    await bench.advance(1_000);
    await bench.advance(1_000);
    const silent = bench.tones.at(-1);
    bench.peer.counts = { ...bench.peer.counts, packetsReceived: 50 };
    await bench.advance(1_000);
    const withMusic = bench.tones.at(-1);
    await tellHeld(call, { byUs: false, byThem: false });

    expect([silent, withMusic, bench.tones.at(-1)]).toEqual(['held', 'none', 'none']);
    expect(bench.microphone.enabled).toBe(true);
  });

  it('is silence for a reason: nobody is told that the path is lost', async () => {
    const call = await talk();
    const media: string[] = [];
    call.on('media', (now) => media.push(now));
    await tellHeld(call, { byUs: false, byThem: true });

    for (let s = 0; s < 15; s += 1) await bench.advance(1_000);

    expect(media).toEqual([]);
  });

  it('before the answer does nothing', async () => {
    const call = bench.phone.call('echo');
    await bench.settle();

    call.hold();
    call.resume();

    expect(actionsOf(call)).toEqual(['call.start']);
    expect(call.held.byUs).toBe(false);
  });
});

describe('CLI-1, SES-5: several calls', () => {
  it('a second one rings softly, and disturbs neither talk nor player', async () => {
    const first = await talk();

    const second = await ring();
    await bench.settle();

    expect(bench.phone.calls).toEqual([first, second]);
    expect(bench.tones.at(-1)).toBe('waiting');
    expect(bench.peers.map(({ isHeard }) => isHeard)).toEqual([true, false]);
    expect(first.held.byUs).toBe(false);
  });

  it('answering it holds the first, and the call that is resumed holds the other', async () => {
    const first = await talk();
    const second = await ring();
    await bench.grant('call.ring');

    second.accept();
    await bench.settle();
    await bench.grant('call.accept');
    await bench.tell({ event: 'call.answered', seq: next(), callId: second.id });
    const answered = [first.held.byUs, second.held.byUs];
    await bench.grant('call.hold');
    first.resume();
    await bench.settle();

    expect(answered).toEqual([true, false]);
    expect([first.held.byUs, second.held.byUs]).toEqual([false, true]);
    expect(actionsOf(first)).toEqual(['call.start', 'call.hold', 'call.resume']);
    expect(bench.peers.map(({ isHeard }) => isHeard)).toEqual([true, false]);
  });

  it('a second call of our own holds the first', async () => {
    const first = await talk();

    const second = bench.phone.call('tone');
    await bench.settle();

    expect(first.held.byUs).toBe(true);
    expect(actionsOf(second)).toEqual(['call.start']);
  });

  it('who joins calls himself resumes one and keeps the others', async () => {
    const first = await talk();
    first.hold();
    await bench.grant('call.hold');
    const second = await talk();

    first.resume({ keepOthers: true });

    expect([first.held.byUs, second.held.byUs]).toEqual([false, false]);
  });

  it('the one that waits rings aloud once the other has ended', async () => {
    const first = await talk();
    await ring();

    first.hangUp();

    expect(bench.tones.at(-1)).toBe('ringing');
  });

  it('one more than the service allows ends with its sentence', async () => {
    const call = bench.phone.call('echo');
    await bench.settle();
    const said: string[] = [];
    call.on('error', ({ message }) => said.push(message));

    await bench.refuse('call.start', 'call.too-many');

    expect(said).toEqual(['sentence of call.too-many']);
    expect(call.end?.cause).toBe('forbidden');
  });
});

describe('CLI-1, SES-5: a key of the other side', () => {
  it('is told with its duration', async () => {
    const call = await talk();
    const pressed: unknown[] = [];
    call.on('digit', (it) => pressed.push(it));

    const on = { callId: call.id, digit: '5', durationMs: 120 };
    await bench.tell({ event: 'call.dtmf', seq: next(), ...on });

    expect(pressed).toEqual([{ digit: '5', durationMs: 120 }]);
  });
});
