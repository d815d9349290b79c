import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { anEngine, aPeer, NO_EVENTS, NOTHING, rtp } from '../support/native-engine.ts';
import { until } from '../support/until.ts';
import { runWithout, runWithoutRoom, SYSTEM_CALLS } from '../support/without-calls.ts';

const HOST = '127.0.0.1';
const RTP_PORT = 43_520;
const VIDEO_PORT = 43_530;
const PROFILE = 1;
const MASTER = new Uint8Array(30).fill(3);
const PASSING = Uint8Array.from({ length: 128 }, (_, payloadType) => payloadType);
/** More than any datagram that is taken. */
const TOO_LONG = 3_000;
const VOICE = 8;
const TELL_IO = fileURLToPath(new URL('../support/tell-io.ts', import.meta.url));
const SEND_IN_VAIN = fileURLToPath(new URL('../support/send-in-vain.ts', import.meta.url));

/** A call with keys, its gates open, between a browser and a phone. */
async function aTalk(mayUseRing: boolean) {
  const engine = anEngine({ address: HOST, mayUseRing });
  const [browser, ims] = [await aPeer(HOST), await aPeer(HOST)];
  const { addon, handle } = engine;
  const open = (): void => {
    expect(addon.open(handle, 0, 1, 'io', RTP_PORT)).toBeDefined();
    addon.setKeys(handle, 0, PROFILE, MASTER, MASTER, browser.at);
    addon.connectIms(handle, 0, ims.at, { ...ims.at, port: 9 }, false, 0, NOTHING, NOTHING);
    addon.setRewrite(handle, 0, PASSING, PASSING, 8000, 8000, NO_EVENTS, NO_EVENTS);
    addon.setGate(handle, 0, true, true, false);
  };
  open();
  /** Without the reports between. */
  const voices = () => browser.heard.filter((packet) => ((packet[1] ?? 0) & 0x7f) === VOICE);
  const end = (): void => {
    addon.stop(handle);
    for (const { socket } of [browser, ims]) socket.close();
  };
  return { ...engine, voices, ims, open, end };
}

/** Fails where the port is still somebody's. */
async function bound(port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind({ port, address: HOST, exclusive: true });
  await once(socket, 'listening');
  return socket;
}

const free = async (...ports: readonly number[]): Promise<void> => {
  for (const port of ports) (await bound(port)).close();
};

describe.each([
  ['io_uring, where it is allowed', true],
  ['epoll', false],
])('MED-1, MED-2 and SEC-4: the native engine by %s', (_name, mayUseRing) => {
  it('says by what it hears its sockets, and why not by io_uring', () => {
    const { addon, handle, io, ringRefusal } = anEngine({ address: HOST, mayUseRing });
    addon.stop(handle);

    const isByRing = io === 'io_uring';
    expect(ringRefusal === undefined).toBe(isByRing);
    expect(isByRing && !mayUseRing).toBe(false);
  });

  it('goes on hearing a port after what is empty, and what is too long, and counts them', async () => {
    const { ims, voices, stats, end } = await aTalk(mayUseRing);

    for (const packet of [NOTHING, rtp(1), Buffer.alloc(TOO_LONG, 0x80), NOTHING, rtp(2)]) {
      ims.socket.send(packet, RTP_PORT, HOST);
    }
    await until(() => voices().length === 2);
    const { packetsReceived, packetsDropped } = stats.read(0).ims;
    end();

    expect({ packetsReceived, packetsDropped }).toEqual({ packetsReceived: 2, packetsDropped: 3 });
  });

  it('takes all that came at once, and in its order', async () => {
    const { ims, voices, end } = await aTalk(mayUseRing);
    const sequences = Array.from({ length: 200 }, (_, at) => at + 1);

    for (const sequence of sequences) ims.socket.send(rtp(sequence), RTP_PORT, HOST);
    await until(() => voices().length === sequences.length);
    end();

    const heard = voices().map((packet) => packet.readUInt16BE(2));
    expect(heard.map((sequence) => (sequence - (heard[0] ?? 0)) & 0xffff)).toEqual(
      sequences.map((sequence) => sequence - 1),
    );
  });

  it('has freed the ports of a call, and of a video, when the order is over', async () => {
    const { addon, handle, ims, voices, open, end } = await aTalk(mayUseRing);
    const ofVideo = [VIDEO_PORT, VIDEO_PORT + 1];
    for (let round = 0; round < 5; round += 1) {
      expect(addon.openVideo(handle, 0, VIDEO_PORT)).toBeDefined();
      addon.closeVideo(handle, 0);
      await free(...ofVideo);
      // The same ones at once, and heard.
      expect(addon.openVideo(handle, 0, VIDEO_PORT)).toBeDefined();
      ims.socket.send(rtp(1), VIDEO_PORT, HOST);
      addon.close(handle, 0);
      await free(RTP_PORT, RTP_PORT + 1, ...ofVideo);
      open();
    }
    ims.socket.send(rtp(1), RTP_PORT, HOST);
    await until(() => voices().length === 1);
    end();
  });

  it('has freed all of its ports when it is stopped', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { port, end } = await aTalk(mayUseRing);
      end();
      await free(port, RTP_PORT, RTP_PORT + 1);
    }
  });
});

describe('MED-1: a machine without io_uring', () => {
  it.each(Object.keys(SYSTEM_CALLS) as (keyof typeof SYSTEM_CALLS)[])(
    'is served by epoll where %s is not permitted, and the reason is told',
    (call) => {
      const { stdout, stderr } = runWithout(call, TELL_IO);

      expect({ stderr, told: JSON.parse(stdout) as unknown }).toEqual({
        stderr: '',
        told: { io: 'epoll', ringRefusal: 'Operation not permitted' },
      });
    },
  );
});

describe('SEC-4: a kernel that has no room for what is sent', () => {
  it('costs packets, and stops neither the engine nor who gives it orders', () => {
    const { stdout, stderr, signal } = runWithoutRoom(SEND_IN_VAIN);

    expect({ stdout, stderr, signal }).toEqual({
      stdout: 'it went on\n',
      stderr: '',
      signal: null,
    });
  });
});
