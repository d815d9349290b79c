import { DtlsOfPorts } from '../../../../../media-node/src/adapters/udp/dtls-of-ports.ts';
import type {
  HandshakeKeys,
  HandshakeSink,
} from '../../../../../media-node/src/adapters/udp/port-handshake.ts';
import { nodeSrtpCrypto } from '../../../../../media-node/src/adapters/werift/node-srtp-crypto.ts';
import { SRTP_AEAD_AES_128_GCM } from '../../../../../media-node/src/core/media/srtp-crypto.ts';
import { SrtpReceiver, SrtpSender } from '../../../../../media-node/src/core/media/srtp-session.ts';
import type { ImsDtls } from '../../../../../media-node/src/ports/media-plane.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

const PEER = { address: '192.0.2.7', port: 4_000 };
const half = {
  profile: SRTP_AEAD_AES_128_GCM,
  masterKey: new Uint8Array(16),
  masterSalt: new Uint8Array(12),
} as const;
const KEYS: HandshakeKeys = {
  sender: new SrtpSender(nodeSrtpCrypto, half),
  receiver: new SrtpReceiver(nodeSrtpCrypto, half),
};
const dtls = (association = 1): ImsDtls => ({
  ...{ role: 'server', association },
  fingerprints: { algorithm: 'sha-256', values: ['AB'] },
});

function aPort() {
  const clock = new FakeClock();
  const handshakes: HandshakeSink[] = [];
  const failures: string[] = [];
  const ports = new DtlsOfPorts({
    clock,
    start: (_dtls, sink) => {
      handshakes.push(sink);
      return { take: () => undefined, close: () => undefined };
    },
    send: () => undefined,
    onProven: () => undefined,
    onDropped: () => undefined,
    onFailed: (reason) => failures.push(reason),
  });
  const connect = (association?: number): void => {
    ports.connect(dtls(association), new Map([['rtp', PEER]]));
  };
  connect();
  return { clock, ports, handshakes, failures, connect };
}

describe('MED-7: a handshake with IMS', () => {
  it('is waited for while the phone rings, and 10 s once the call is on', () => {
    const { clock, ports, failures } = aPort();

    clock.advance(60_000);
    const whileRinging = [...failures];
    ports.expect(true);
    clock.advance(9_999);
    const inTime = [...failures];
    clock.advance(1);

    expect([whileRinging, inTime]).toEqual([[], []]);
    expect(failures).toEqual(['the handshake was not finished']);
  });

  it('is not waited for on hold, nor when it is done', () => {
    const [held, done] = [aPort(), aPort()];

    for (const { ports } of [held, done]) ports.expect(true);
    held.ports.expect(false);
    done.handshakes[0]?.onKeys(KEYS);
    for (const { clock } of [held, done]) clock.advance(60_000);

    expect([...held.failures, ...done.failures]).toEqual([]);
    expect(done.ports.keys('rtp')).toBe(KEYS);
  });

  it('that failed is the end, but not that of one it was replaced by', () => {
    const { ports, handshakes, failures, connect } = aPort();

    connect(2);
    handshakes[0]?.onFailed('late');
    handshakes[1]?.onKeys(KEYS);
    const replaced = [...failures];
    const keysThen = ports.keys('rtp');
    handshakes[1]?.onFailed('forged');

    expect(replaced).toEqual([]);
    expect(keysThen).toBe(KEYS);
    expect(failures).toEqual(['forged']);
    expect(ports.keys('rtp')).toBeUndefined();
  });
});
