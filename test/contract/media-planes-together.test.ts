import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createNativeMediaPlane } from '../../media-node/src/adapters/native/native-media-plane.ts';
import { createPortableMediaPlane } from '../../media-node/src/adapters/werift/portable-media-plane.ts';
import type { DtlsRole, RtpEndpoint } from '../../media-node/src/ports/media-plane.ts';
import { mediaAddon } from '../support/media-addon.ts';
import { until } from '../support/until.ts';
import { split } from './hostile-dtls.ts';
import { connect, createScenes, openGates, type Scene, voice } from './media-plane-scene.ts';
import { deps, optionsOf } from './whole-media-plane.ts';

/** The suites of each plane run at the same time. */
const PORTS_FURTHER = 2_100;
const portable = createScenes((settings) =>
  createPortableMediaPlane(deps, {
    ...optionsOf({
      ...settings,
      firstPort: settings.firstPort + PORTS_FURTHER,
      lastPort: settings.lastPort + PORTS_FURTHER,
    }),
  }),
);
const native = createScenes((settings) =>
  createNativeMediaPlane(deps, {
    ...optionsOf({
      ...settings,
      firstPort: settings.firstPort + PORTS_FURTHER + 100,
      lastPort: settings.lastPort + PORTS_FURTHER + 100,
    }),
    ...{ addon: mediaAddon(), workers: 1 },
  }),
);

const otherRole = (role: DtlsRole): DtlsRole => (role === 'client' ? 'server' : 'client');

/** Both are each other's IMS, on one port each. */
function joinBy(role: DtlsRole, { one, other }: Pair, way: Way): void {
  const meet = (scene: Scene, peer: Scene, at: RtpEndpoint, as: DtlsRole): void => {
    const fingerprints = { algorithm: 'sha-256', values: [peer.call.access.fingerprint] };
    scene.call.connectIms({ ...at, dtls: { role: as, association: 1, fingerprints } });
  };
  meet(one, other, way.toOther, role);
  meet(other, one, way.toOne, otherRole(role));
}

interface Pair {
  readonly one: Scene;
  readonly other: Scene;
}

interface Way {
  readonly toOne: RtpEndpoint;
  readonly toOther: RtpEndpoint;
}

const sharing = ({ address, rtpPort }: RtpEndpoint): RtpEndpoint => ({
  ...{ address, rtpPort, rtcpPort: rtpPort },
});
const straight = ({ one, other }: Pair): Way => ({
  toOne: sharing(one.call.ims),
  toOther: sharing(other.call.ims),
});

const isProtectedHandshake = (packet: Buffer): boolean =>
  split(packet).some((record) => record[0] === 22 && record.readUInt16BE(3) === 1);

describe('MED-7: DTLS-SRTP between a portable and a native plane', () => {
  const sockets: Socket[] = [];
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.close();
    await portable.takeDown();
    await native.takeDown();
  });

  async function aPair(): Promise<Pair> {
    const [one, other] = [await portable.aScene(), await native.aScene()];
    await Promise.all([connect(one), connect(other)]);
    await Promise.all([openGates(one), openGates(other)]);
    return { one, other };
  }

  async function aSocket(): Promise<Socket> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    sockets.push(socket);
    await once(socket, 'listening');
    return socket;
  }

  /** A way that loses the first last flight of the native side: its Finished. */
  async function losingFinished({ one, other }: Pair) {
    const [ofOne, ofOther] = [await aSocket(), await aSocket()];
    const way = { ...straight({ one, other }), lost: 0 };
    const { toOne, toOther } = straight({ one, other });
    ofOther.on('message', (packet) => {
      ofOne.send(packet, toOther.rtpPort, toOther.address);
    });
    ofOne.on('message', (packet) => {
      if (way.lost === 0 && isProtectedHandshake(packet)) way.lost += 1;
      else ofOther.send(packet, toOne.rtpPort, toOne.address);
    });
    const at = (socket: Socket): RtpEndpoint => {
      const { address, port } = socket.address();
      return { address, rtpPort: port, rtcpPort: port };
    };
    return Object.assign(way, { toOne: at(ofOne), toOther: at(ofOther) });
  }

  async function expectVoice({ one, other }: Pair): Promise<void> {
    let sequence = 0;
    const isHeard = ({ browser }: Scene): boolean => browser.heard.length > 0;
    await until(async () => {
      sequence += 1;
      await one.browser.sendRtp(voice(sequence));
      await other.browser.sendRtp(voice(sequence));
      return isHeard(one) && isHeard(other);
    });
    for (const { browser } of [one, other]) expect(browser.heard[0]?.payload).toMatch(/^voice /);
  }

  it.each<DtlsRole>(['client', 'server'])(
    'carries voice with the portable one as the %s',
    async (role) => {
      const pair = await aPair();

      joinBy(role, pair, straight(pair));

      await expectVoice(pair);
    },
  );

  it('RFC 6347 §4.2.2: is made though the last flight of the server is lost', async () => {
    const pair = await aPair();
    const way = await losingFinished(pair);

    joinBy('client', pair, way);

    await expectVoice(pair);
    expect(way.lost).toBe(1);
  });
});
