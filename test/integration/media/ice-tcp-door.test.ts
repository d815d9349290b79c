import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import {
  IceTcpDoor,
  type IceTcpOptions,
} from '../../../media-node/src/adapters/ice-tcp/ice-tcp-door.ts';
import { sealStun } from '../../../media-node/src/adapters/media/stun-integrity.ts';
import { bindingAnswer } from '../../../media-node/src/core/media/stun-message.ts';
import type { AccessNames } from '../../../media-node/src/ports/media-plane.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { check } from '../../support/ice-checks.ts';
import { TcpWire } from '../../support/tcp-path.ts';
import { until } from '../../support/until.ts';
import { CountingMetrics } from './a-media-node.ts';

const HOST = '127.0.0.1';
const HEAD_START_MS = 250;

/** The UDP port of browsers, as the door sees it. */
class FakePort {
  readonly heard: { readonly packet: Buffer; readonly from: RemoteInfo }[] = [];
  readonly within: number[] = [];
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (packet, from) => this.heard.push({ packet, from }));
  }

  static async open(): Promise<FakePort> {
    const socket = createSocket('udp4').bind(0, HOST);
    await once(socket, 'listening');
    return new FakePort(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  letIn({ port }: { readonly port: number }): void {
    this.within.push(port);
  }

  letOut({ port }: { readonly port: number }): void {
    this.within.splice(this.within.indexOf(port), 1);
  }

  send(packet: Uint8Array, port: number): void {
    this.#socket.send(packet, port, HOST);
  }

  close(): void {
    this.#socket.close();
  }
}

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function aDoor(limits: IceTcpOptions['limits'] = {}) {
  const clock = new FakeClock();
  const metrics = new CountingMetrics();
  const door = await IceTcpDoor.open(
    { clock, metrics },
    { bindAddress: HOST, announcedAddress: HOST, maxPacketsPerS: 100 },
    { port: 0, limits },
  );
  const port = await FakePort.open();
  cleanups.push(
    () => {
      port.close();
    },
    () => door.close(),
  );
  const ended = (reason: string) => metrics.counts.get(`ice_tcp_connections_ended ${reason}`) ?? 0;
  return { door, clock, metrics, port, ended };
}

type Scene = Awaited<ReturnType<typeof aDoor>>;

const named = (usernameFragment: string): AccessNames => ({ usernameFragment, password: 'secret' });
const ours = named('ours');
const CHECK = check(ours.usernameFragment, ours.password);

async function aWire({ door }: Scene): Promise<TcpWire> {
  const wire = await TcpWire.open([door.candidate]);
  cleanups.push(() => {
    wire.close();
  });
  return wire;
}

/** Let in, and past the head start that UDP has. */
async function aGuest(scene: Scene): Promise<TcpWire> {
  const { clock, port } = scene;
  const [wire, before] = [await aWire(scene), port.within.length];
  wire.send(CHECK);
  await until(() => port.within.length > before);
  // What was let in goes on in a later turn.
  await new Promise(setImmediate);
  clock.advance(HEAD_START_MS);
  return wire;
}

describe('MED-5: the door for browsers by TCP', () => {
  it('lets UDP come first: the first check waits, and then nothing of it is lost', async () => {
    const scene = await aDoor();
    scene.door.admit(ours, scene.port);
    const wire = await aWire(scene);

    wire.send(CHECK);
    wire.send(Buffer.from([22, 1, 2]));
    await until(() => scene.port.within.length === 1);
    scene.clock.advance(HEAD_START_MS - 1);
    await new Promise(setImmediate);
    expect(scene.port.heard).toHaveLength(0);
    scene.clock.advance(1);
    await until(() => scene.port.heard.length === 2);

    expect(scene.port.heard.map(({ packet }) => packet)).toEqual([CHECK, Buffer.from([22, 1, 2])]);
    expect(scene.port.heard.map(({ from }) => from.port)).toEqual([
      ...scene.port.within,
      ...scene.port.within,
    ]);
  });

  it('carries back what the port sends; of answers to checks it corrects the address alone', async () => {
    const scene = await aDoor();
    scene.door.admit(ours, scene.port);
    const wire = await aGuest(scene);
    const [inner = 0] = scene.port.within;
    const answered = (port: number, password: string) =>
      sealStun(bindingAnswer(CHECK, { address: HOST, port }) ?? Buffer.alloc(0), password);

    const others = answered(inner, 'under other names');
    for (const it of [answered(inner, ours.password), others, CHECK]) scene.port.send(it, inner);
    await until(() => wire.heard.length === 3);

    expect(wire.heard).toEqual([answered(wire.port, ours.password), others, CHECK].map(bufferOf));
  });

  it('announces another port where it is told to', async () => {
    const { clock, metrics } = await aDoor();
    const door = await IceTcpDoor.open(
      { clock, metrics },
      { bindAddress: HOST, announcedAddress: '203.0.113.7', maxPacketsPerS: 100 },
      { port: 0, announcedPort: 443 },
    );
    cleanups.push(() => door.close());

    expect(door.candidate).toContain(' 203.0.113.7 443 typ host tcptype passive');
  });

  it('lets nobody in by names of before a restart, and who is in stays', async () => {
    const scene = await aDoor();
    scene.door.admit(ours, scene.port);
    const guest = await aGuest(scene);
    scene.door.retire(ours);
    const late = await aWire(scene);

    late.send(CHECK);
    await until(() => late.isOver);
    guest.send(Buffer.from([22]));
    await until(() => scene.port.heard.length === 2);

    expect(scene.ended('no-call')).toBe(1);
  });
});

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes);

describe('SEC-4: who holds the door for browsers by TCP', () => {
  it('open without a word, or byte by byte, is sent away after three seconds', async () => {
    const scene = await aDoor();
    scene.door.admit(ours, scene.port);
    const [silent, slow] = [await aWire(scene), await aWire(scene)];
    slow.sendRaw(Uint8Array.of(0));
    await until(() => scene.door.connections === 2);

    scene.clock.advance(3_000);
    await until(() => silent.isOver && slow.isOver);

    expect(scene.ended('no-check')).toBe(2);
  });

  it.each<readonly [string, Buffer]>([
    ['no password', check(ours.usernameFragment)],
    ['another one', check(ours.usernameFragment, 'guessed')],
  ])('with the name of a call and %s is not let in', async (_what, signed) => {
    const scene = await aDoor();
    scene.door.admit(ours, scene.port);
    const wire = await aWire(scene);

    wire.send(signed);
    await until(() => wire.isOver);

    expect(scene.ended('no-call')).toBe(1);
  });

  it('and falls silent, is sent away after half a minute; who speaks is not', async () => {
    const scene = await aDoor();
    scene.door.admit(ours, scene.port);
    const [gone, talking] = [await aGuest(scene), await aGuest(scene)];
    await until(() => scene.port.heard.length === 2);
    scene.clock.advance(20_000);
    talking.send(CHECK);
    await until(() => scene.port.heard.length === 3);

    scene.clock.advance(11_000);
    await until(() => gone.isOver);

    expect(scene.ended('silent')).toBe(1);
    expect(talking.isOver).toBe(false);
    expect(scene.port.within).toHaveLength(1);
  });

  it('makes room for others by the oldest that has not said whose it is', async () => {
    const scene = await aDoor({ asking: 2 });
    const first = await aWire(scene);
    await until(() => scene.door.connections === 1);
    const others = [await aWire(scene), await aWire(scene)];
    await until(() => first.isOver);

    expect(scene.ended('crowded-out')).toBe(1);
    expect(others.some((it) => it.isOver)).toBe(false);
  });

  it.each<readonly [string, IceTcpOptions['limits']]>([
    ['the node', { connections: 2 }],
    ['one address', { ofAddress: 2 }],
    ['one address that has not said whose they are', { askingOfAddress: 2 }],
  ])('finds it shut where it is one more than %s may have', async (_whose, limits) => {
    const scene = await aDoor(limits);
    const early = [await aWire(scene), await aWire(scene)];
    await until(() => scene.door.connections === 2);
    const late = await aWire(scene);

    await until(() => late.isOver);

    expect(early.some((it) => it.isOver)).toBe(false);
    expect(scene.ended('too-many')).toBe(1);
  });

  it('has no more connections of one call than a browser needs, those that have just ended among them', async () => {
    const scene = await aDoor({ ofCall: 2 });
    scene.door.admit(ours, scene.port);
    const [gone] = [await aGuest(scene), await aGuest(scene)];
    gone.close();
    await until(() => scene.port.within.length === 1);
    const early = await aWire(scene);
    early.send(CHECK);
    await until(() => early.isOver);

    scene.clock.advance(31_000);
    await aGuest(scene);

    expect(scene.ended('too-many')).toBe(1);
  });

  it('and takes nothing off the line, loses packets and no memory of ours', async () => {
    const scene = await aDoor();
    scene.door.admit(ours, scene.port);
    const wire = await aGuest(scene);
    const [inner = 0] = scene.port.within;
    wire.pause();

    const isDropped = () => (scene.metrics.counts.get('ice_tcp_packets_dropped backlog') ?? 0) > 0;
    await until(() => {
      for (let at = 0; at < 200; at += 1) scene.port.send(Buffer.alloc(1_400, 0x80), inner);
      return isDropped();
    });

    expect(wire.isOver).toBe(false);
  });

  it('sends a frame that no datagram can be, and is sent away', async () => {
    const scene = await aDoor();
    scene.door.admit(ours, scene.port);
    const wire = await aGuest(scene);

    wire.send(Buffer.alloc(2_001));
    await until(() => wire.isOver);

    expect(scene.ended('frame-too-long')).toBe(1);
    expect(scene.port.within).toHaveLength(0);
  });
});
