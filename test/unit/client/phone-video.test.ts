import type { AnswerOptions, Call, CallVideo } from '../../../client/src/app/call.ts';
import { OWN_PICTURE, PhoneBench, THEIR_PICTURE } from './phone-bench.ts';

let bench: PhoneBench;
let seq: number;
let errors: string[];

beforeEach(async () => {
  bench = new PhoneBench();
  await bench.logIn();
  seq = 1;
  errors = [];
});

const next = (): number => {
  seq += 1;
  return seq;
};
const listen = (call: Call): Call => {
  call.on('error', ({ message }) => errors.push(message));
  return call;
};
const asked = (): readonly unknown[] => bench.socket.of('call.video').map((it) => it['video']);

async function talk(options: { readonly video?: boolean } = {}): Promise<Call> {
  const call = listen(bench.phone.call('bob', options));
  await bench.settle();
  await bench.grant('call.start', { sdp: 'early' });
  await bench.tell({ event: 'call.answered', seq: next(), callId: call.id });
  return call;
}

async function ring(): Promise<Call> {
  const came = new Promise<Call>((resolve) => {
    bench.phone.on('incoming', resolve);
  });
  const from = { uri: 'sip:bob@ims.example' };
  const incoming = { callId: 'incoming-1', from, sdp: 'offer' };
  await bench.tell({ event: 'call.incoming', seq: next(), ...incoming });
  await bench.grant('call.ring');
  return listen(await came);
}

async function answer(call: Call, options?: AnswerOptions): Promise<void> {
  call.accept(options);
  await bench.settle();
  await bench.grant('call.accept');
  await bench.tell({ event: 'call.answered', seq: next(), callId: call.id });
}

const tellVideo = (call: Call, video: { ours: boolean; theirs: boolean; refused?: string }) =>
  bench.tell({ event: 'call.video', seq: next(), callId: call.id, ...video });

describe('CLI-1: a call with video', () => {
  it('is offered with the camera on, which its own user sees', async () => {
    const call = await talk({ video: true });

    expect(bench.peer.done.slice(0, 2)).toEqual(['camera', 'offer']);
    expect(call.video).toEqual({ camera: true, own: OWN_PICTURE });
    expect(bench.socket.of('call.start')[0]).not.toHaveProperty('video');
    expect(asked()).toEqual([]);
  });

  it('is one of voice where the camera is refused, and says so in words', async () => {
    bench.camera.isRefused = true;
    const call = await talk({ video: true });

    expect(call.phase).toBe('active');
    expect(call.video).toEqual({ camera: false });
    expect(bench.peer.done).not.toContain('camera');
    expect(errors).toEqual(['The camera cannot be used. Allow it in the browser, then try again.']);
  });

  it('shows the picture of the other side as long as there is one', async () => {
    const call = await talk({ video: true });
    const seen: (MediaStream | undefined)[] = [];
    call.on('video', ({ remote }: CallVideo) => seen.push(remote));

    bench.peer.listener.pictured(THEIR_PICTURE);
    bench.peer.listener.pictured(undefined);

    expect(seen).toEqual([THEIR_PICTURE, undefined]);
  });

  it('gives the camera back at its end', async () => {
    const call = await talk({ video: true });

    call.hangUp();

    expect(bench.camera).toMatchObject({ opened: 1, stopped: 1 });
    expect(call.video).toEqual({ camera: false });
  });

  it('that ends while the browser still asks for the camera leaves it off', async () => {
    const call = bench.phone.call('bob', { video: true });
    call.hangUp();
    await bench.settle();

    expect(bench.camera).toMatchObject({ opened: 1, stopped: 1 });
    expect(bench.socket.of('call.start')).toEqual([]);
  });
});

describe('SES-5: the camera in mid-call', () => {
  it('adds video to a call of voice once it is open', async () => {
    const call = await talk();

    call.setCamera(true);
    const atOnce = asked();
    await bench.settle();

    expect(atOnce).toEqual([]);
    expect(asked()).toEqual(['sendrecv']);
    expect(call.video.own).toBe(OWN_PICTURE);
  });

  it('turned off is given back and nothing more is sent; the other side stays in view', async () => {
    const call = await talk({ video: true });
    bench.peer.listener.pictured(THEIR_PICTURE);

    call.setCamera(false);
    await bench.settle();

    expect(asked()).toEqual(['recvonly']);
    expect(bench.camera.stopped).toBe(1);
    expect(bench.peer.done.at(-1)).toBe('no camera');
    expect(call.video).toEqual({ camera: false, remote: THEIR_PICTURE });
  });

  it('that is refused by the browser asks nothing of the node', async () => {
    const call = await talk();
    bench.camera.isRefused = true;

    call.setCamera(true);
    await bench.settle();

    expect(asked()).toEqual([]);
    expect(call.video.camera).toBe(false);
    expect(errors).toHaveLength(1);
  });

  it('turned off before the browser has allowed it is never sent', async () => {
    const call = await talk();

    call.setCamera(true);
    call.setCamera(false);
    await bench.settle();

    expect(bench.camera).toMatchObject({ opened: 1, stopped: 1 });
    expect(bench.peer.done).not.toContain('camera');
    expect(asked()).not.toContain('sendrecv');
  });

  it('goes off where the other side takes no video, with the reason', async () => {
    const call = await talk();
    call.setCamera(true);
    await bench.settle();
    await bench.grant('call.video');

    await tellVideo(call, {
      ours: false,
      theirs: false,
      refused: 'The other side takes no video.',
    });

    expect(call.video).toEqual({ camera: false });
    expect(bench.camera.stopped).toBe(1);
    expect(errors).toEqual(['The other side takes no video.']);
  });

  it('goes off where the other side ends all video, and stays on in a hold', async () => {
    const call = await talk({ video: true });
    await tellVideo(call, { ours: true, theirs: true });
    await bench.tell({
      event: 'call.held',
      seq: next(),
      callId: call.id,
      byUs: false,
      byThem: true,
    });
    await tellVideo(call, { ours: false, theirs: false });
    const inHold = call.video.camera;
    await bench.tell({
      event: 'call.held',
      seq: next(),
      callId: call.id,
      byUs: false,
      byThem: false,
    });

    await tellVideo(call, { ours: false, theirs: false });

    expect([inHold, call.video.camera]).toEqual([true, false]);
    expect(errors).toEqual([]);
  });

  it('sees nothing while the call is held', async () => {
    const call = await talk({ video: true });

    call.hold();
    const whileHeld = bench.camera.enabled;
    call.resume();

    expect([whileHeld, bench.camera.enabled]).toEqual([false, true]);
  });

  it('and all video ends when the user wants none', async () => {
    const call = await talk({ video: true });

    call.endVideo();
    await bench.settle();

    expect(asked()).toEqual(['none']);
    expect(call.video.camera).toBe(false);
  });
});

describe('SES-2, CLI-1: a call that comes with video', () => {
  it('is answered with the camera off unless its user says otherwise', async () => {
    const call = await ring();
    bench.peer.listener.pictured(THEIR_PICTURE);

    await answer(call);

    expect(bench.socket.of('call.accept')[0]).toMatchObject({ video: false });
    expect(bench.camera.opened).toBe(0);
    expect(asked()).toEqual([]);
  });

  it('is answered with it on', async () => {
    const call = await ring();
    bench.peer.listener.pictured(THEIR_PICTURE);

    await answer(call, { video: true });

    expect(bench.socket.of('call.accept')[0]).toMatchObject({ video: true });
    expect(bench.peer.done.slice(-2)).toEqual(['camera', 'microphone']);
    expect(asked()).toEqual([]);
  });

  it('without: the camera adds it as soon as the call is on', async () => {
    const call = await ring();

    await answer(call, { video: true });

    expect(bench.socket.of('call.accept')[0]).not.toHaveProperty('video');
    expect(asked()).toEqual(['sendrecv']);
  });
});
