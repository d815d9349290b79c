import type { RTCDtlsTransport } from 'werift';
import { CLIENT_HELLO, type HandshakeMessage } from '../../core/media/dtls-message.ts';
import { HandshakeGuard, type ServerSide } from '../../core/media/handshake-guard.ts';
import { type ClientSide, ServerFlightGuard } from '../../core/media/server-flight-guard.ts';
import type { Fingerprints } from '../../core/sdp/fingerprint.ts';
import type { Clock } from '../../ports/clock.ts';
import { nodeDtlsCrypto } from './node-dtls-crypto.ts';

export interface GuardDeps {
  readonly clock: Pick<Clock, 'after'>;
  readonly onDropped: () => void;
}

export type DtlsSocket = NonNullable<RTCDtlsTransport['dtls']>;
type WeriftMessage = Parameters<DtlsSocket['onHandleHandshakes']>[0][number];

/** What each has said is kept by the flight it belongs to (RFC 6347 §4.2.4). */
const [FIRST_HELLO, HELLO_WITH_COOKIE, SERVER_FLIGHT, CLIENT_FLIGHT] = [1, 3, 4, 5] as const;
/** werift keeps fragments until a last one comes. No peer's messages need more than these. */
const MAX_FRAGMENTS = 256;
const MAX_MESSAGE_BYTES = 16_384;
/** For the peer to prove himself, after somebody else could not: more than any flight takes again. */
const PATIENCE_MS = 1000;
/** A server that hears nothing repeats its flight after a second (RFC 6347 §4.2.4.1). */
const PATIENCE_WITH_SERVER_MS = 1500;

/*
 * The one place that changes the DTLS of werift 0.25.2. Whole handshake messages go through one public
 * member of it; from here on a guard stands before that.
 */

/**
 * Its server logs CertificateVerify and Finished without checking them and takes any message at any
 * time, a new handshake included.
 */
export function guardHandshake(
  server: DtlsSocket,
  named: Fingerprints,
  { clock, onDropped }: GuardDeps,
): HandshakeGuard {
  const guard = new HandshakeGuard(nodeDtlsCrypto, named, serverSide(server));
  const judgeLater = once(() => {
    clock.after(PATIENCE_MS, () => {
      failInDoubt(server, guard);
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

/** Its client looks neither at the signature of the server's key nor at what Finished says. */
export function guardServerFlight(
  client: DtlsSocket,
  named: Fingerprints,
  { clock, onDropped }: GuardDeps,
): ServerFlightGuard {
  const guard = new ServerFlightGuard(nodeDtlsCrypto, named, clientSide(client));
  const judgeLater = once(() => {
    clock.after(PATIENCE_WITH_SERVER_MS, () => {
      failInDoubt(client, guard);
    });
  });
  const theirs = new WeakMap<HandshakeMessage, WeriftMessage>();
  const passedBy = (message: WeriftMessage): WeriftMessage[] => {
    const view = ourView(message);
    theirs.set(view, message);
    const judgement = guard.judge(view);
    if (judgement === 'drop') onDropped();
    if (guard.doubt !== undefined) judgeLater();
    if (typeof judgement === 'string') return [];
    if ('refused' in judgement) throw new Error(judgement.refused);
    return judgement.passed.flatMap((it) => theirs.get(it) ?? []);
  };
  const handle = client.onHandleHandshakes;
  client.onHandleHandshakes = async (messages) => {
    await handle(messages.flatMap(passedBy));
  };
  boundFragments(client, onDropped);
  return guard;
}

function failInDoubt(socket: DtlsSocket, { doubt }: { readonly doubt: string | undefined }): void {
  if (doubt !== undefined) socket.onError.execute(new Error(doubt));
}

function boundFragments(socket: DtlsSocket, onDropped: () => void): void {
  const assemble = socket.handleFragmentHandshake.bind(socket);
  let count = 0;
  socket.handleFragmentHandshake = (messages) => {
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

const saidIn = ({ dtls }: DtlsSocket, flight: number): readonly HandshakeMessage[] =>
  dtls.handshakeCache[flight]?.data.map(ourView) ?? [];

const serverSide = (server: DtlsSocket): ServerSide => ({
  get flight() {
    return saidIn(server, SERVER_FLIGHT).filter((it) => it.type !== CLIENT_HELLO);
  },
  get masterSecret() {
    return server.cipher.masterSecret;
  },
});

const clientSide = (client: DtlsSocket): ClientSide => ({
  get hello() {
    return saidIn(client, HELLO_WITH_COOKIE)[0] ?? saidIn(client, FIRST_HELLO)[0];
  },
  get flight() {
    return saidIn(client, CLIENT_FLIGHT);
  },
  get masterSecret() {
    return client.cipher.masterSecret;
  },
});
