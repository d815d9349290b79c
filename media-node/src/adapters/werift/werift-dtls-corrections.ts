import type { RTCDtlsTransport } from 'werift';
import { CLIENT_HELLO, type HandshakeMessage } from '../../core/media/dtls-message.ts';
import { HandshakeGuard, type ServerSide } from '../../core/media/handshake-guard.ts';
import type { Fingerprints } from '../../core/sdp/fingerprint.ts';
import type { Clock } from '../../ports/clock.ts';
import { nodeDtlsCrypto } from './node-dtls-crypto.ts';

export interface GuardDeps {
  readonly clock: Pick<Clock, 'after'>;
  readonly onDropped: () => void;
}

type DtlsSocket = NonNullable<RTCDtlsTransport['dtls']>;
type WeriftMessage = Parameters<DtlsSocket['onHandleHandshakes']>[0][number];

const SERVER_FLIGHT = 4;
/** werift keeps fragments until a last one comes. No browser's messages need more than these. */
const MAX_FRAGMENTS = 256;
const MAX_MESSAGE_BYTES = 16_384;
/** For the peer to prove himself, after somebody else could not: more than any flight takes again. */
const PATIENCE_MS = 1000;

/**
 * The one place that changes the DTLS server of werift 0.25.2, which logs CertificateVerify and
 * Finished without checking them and takes any message at any time, a new handshake included.
 * Whole handshake messages go through this one public member; from here on a guard stands before it.
 */
export function guardHandshake(
  server: DtlsSocket,
  named: Fingerprints,
  { clock, onDropped }: GuardDeps,
): HandshakeGuard {
  const guard = new HandshakeGuard(nodeDtlsCrypto, named, serverSide(server));
  const judgeLater = once(() => {
    clock.after(PATIENCE_MS, () => {
      if (guard.doubt !== undefined) server.onError.execute(new Error(guard.doubt));
    });
  });
  const isPassed = (message: WeriftMessage): boolean => {
    const judgement = guard.judge(ourView(message));
    // werift ends the handshake with whatever is thrown here.
    if (typeof judgement === 'object') throw new Error(judgement.refused);
    if (judgement === 'drop') onDropped();
    if (guard.doubt !== undefined) judgeLater();
    return judgement === 'pass';
  };
  const handle = server.onHandleHandshakes;
  server.onHandleHandshakes = async (messages) => {
    const handled: Promise<void>[] = [];
    for (const message of messages) {
      if (!isPassed(message)) continue;
      const done = handle([message]);
      // A hello that cannot be agreed with may be anybody's; the next one may be agreed with.
      handled.push(message.msg_type === CLIENT_HELLO ? done.catch(onDropped) : done);
    }
    await Promise.all(handled);
  };
  boundFragments(server, onDropped);
  return guard;
}

function boundFragments(server: DtlsSocket, onDropped: () => void): void {
  const assemble = server.handleFragmentHandshake.bind(server);
  let count = 0;
  server.handleFragmentHandshake = (messages) => {
    count += messages.filter((it) => it.fragment_length !== it.length).length;
    const isBounded = messages.every((it) => it.length <= MAX_MESSAGE_BYTES);
    if (isBounded && count <= MAX_FRAGMENTS) return assemble(messages);
    onDropped();
    return [];
  };
}

function once(run: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) run();
    isDone = true;
  };
}

const ourView = ({ msg_type, message_seq, fragment }: WeriftMessage): HandshakeMessage => ({
  type: msg_type,
  sequence: message_seq,
  body: fragment,
});

const serverSide = (server: DtlsSocket): ServerSide => ({
  get flight() {
    const said = server.dtls.handshakeCache[SERVER_FLIGHT]?.data ?? [];
    return said.map(ourView).filter((it) => it.type !== CLIENT_HELLO);
  },
  get masterSecret() {
    return server.cipher.masterSecret;
  },
});
