import { viewOf } from './bytes.ts';
import { PacketIndex } from './packet-index.ts';
import { ReplayWindow } from './replay-window.ts';
import { readRtpHeader } from './rtp-packet.ts';
import type { SrtpCrypto, SrtpKeys } from './srtp-crypto.ts';
import { createSrtpTransform, type SrtpTransform } from './srtp-transform.ts';

/** A browser sends one stream per track; more than these is somebody filling our memory. */
const MAX_STREAMS = 16;
/** Fixed part of SRTCP that stays in the clear: header and sender SSRC (RFC 3711 §3.4). */
const RTCP_CLEAR_BYTES = 8;
const RTCP_INDEX_MASK = 0x7fff_ffff;

interface Stream {
  readonly index: PacketIndex;
  readonly replay: ReplayWindow;
}

const newStream = (): Stream => ({ index: new PacketIndex(), replay: new ReplayWindow() });

/** Streams by SSRC: index and replay state belong to one source (RFC 3711 §3.2.3). */
class Streams {
  readonly #bySsrc = new Map<number, Stream>();

  /** A new stream is kept only once a packet of it was authentic. */
  of(ssrc: number): Stream {
    return this.#bySsrc.get(ssrc) ?? newStream();
  }

  accept(ssrc: number, stream: Stream, index: number): void {
    if (!this.#bySsrc.has(ssrc) && this.#bySsrc.size >= MAX_STREAMS) {
      const oldest = this.#bySsrc.keys().next();
      if (!oldest.done) this.#bySsrc.delete(oldest.value);
    }
    this.#bySsrc.set(ssrc, stream);
    stream.index.accept(index);
    stream.replay.accept(index);
  }
}

/** Takes packets of the peer: authenticates, refuses replays, decrypts. */
export class SrtpReceiver {
  readonly #transform: SrtpTransform;
  readonly #rtp = new Streams();
  readonly #rtcp = new Streams();

  constructor(crypto: SrtpCrypto, keys: SrtpKeys) {
    this.#transform = createSrtpTransform(crypto, keys);
  }

  unprotectRtp(packet: Uint8Array): Uint8Array | undefined {
    const header = readRtpHeader(packet);
    if (!header) return undefined;
    const { ssrc, headerBytes, sequence } = header;
    const stream = this.#rtp.of(ssrc);
    const index = stream.index.estimate(sequence);
    if (!stream.replay.isFresh(index)) return undefined;
    const opened = this.#transform.openRtp({ packet, headerBytes, ssrc, index });
    if (opened) this.#rtp.accept(ssrc, stream, index);
    return opened;
  }

  unprotectRtcp(packet: Uint8Array): Uint8Array | undefined {
    const { rtcpTrailerBytes, rtcpIndexFromEnd } = this.#transform;
    if (packet.length < RTCP_CLEAR_BYTES + rtcpTrailerBytes) return undefined;
    const view = viewOf(packet);
    const indexWord = view.getUint32(packet.length - rtcpIndexFromEnd);
    // Unencrypted SRTCP is not what DTLS-SRTP negotiated.
    if (indexWord <= RTCP_INDEX_MASK) return undefined;
    const index = indexWord & RTCP_INDEX_MASK;
    const ssrc = view.getUint32(4);
    const stream = this.#rtcp.of(ssrc);
    if (!stream.replay.isFresh(index)) return undefined;
    const placed = { packet, headerBytes: RTCP_CLEAR_BYTES, ssrc, index };
    const opened = this.#transform.openRtcp(placed);
    if (opened) this.#rtcp.accept(ssrc, stream, index);
    return opened;
  }
}

/** Protects what we send. */
export class SrtpSender {
  readonly #transform: SrtpTransform;
  readonly #streams = new Streams();
  #rtcpIndex = 0;

  constructor(crypto: SrtpCrypto, keys: SrtpKeys) {
    this.#transform = createSrtpTransform(crypto, keys);
  }

  /**
   * `undefined` for an index that was used before: a second packet under it would give both away,
   * and with GCM the authentication key too (RFC 3711 §9.1, RFC 7714 §8.3).
   */
  protectRtp(packet: Uint8Array): Uint8Array | undefined {
    const header = readRtpHeader(packet);
    if (!header) return undefined;
    const { ssrc, headerBytes, sequence } = header;
    const stream = this.#streams.of(ssrc);
    const index = stream.index.estimate(sequence);
    if (!stream.replay.isFresh(index)) return undefined;
    this.#streams.accept(ssrc, stream, index);
    return this.#transform.sealRtp({ packet, headerBytes, ssrc, index });
  }

  protectRtcp(packet: Uint8Array): Uint8Array {
    this.#rtcpIndex = (this.#rtcpIndex + 1) & RTCP_INDEX_MASK;
    return this.#transform.sealRtcp({
      packet,
      headerBytes: RTCP_CLEAR_BYTES,
      ssrc: viewOf(packet).getUint32(4),
      index: this.#rtcpIndex,
    });
  }
}
