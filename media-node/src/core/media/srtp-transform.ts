import { concatBytes, viewOf } from './bytes.ts';
import { rolloverCounter } from './packet-index.ts';
import {
  deriveSessionKeys,
  isGcm,
  type SessionKeys,
  SRTCP_LABEL,
  SRTP_AES128_CM_HMAC_SHA1_32,
  SRTP_LABEL,
  type SrtpCrypto,
  type SrtpKeys,
} from './srtp-crypto.ts';

/** One packet with its place in the stream; `headerBytes` stay in the clear. */
export interface Placed {
  readonly packet: Uint8Array;
  readonly headerBytes: number;
  readonly ssrc: number;
  readonly index: number;
}

/** Protects and unprotects single packets; knows no stream and no replay. */
export interface SrtpTransform {
  sealRtp(placed: Placed): Uint8Array;
  openRtp(placed: Placed): Uint8Array | undefined;
  sealRtcp(placed: Placed): Uint8Array;
  openRtcp(placed: Placed): Uint8Array | undefined;
  /** Bytes after the SRTCP packet's own: tag and index word, in the profile's order. */
  readonly rtcpTrailerBytes: number;
  /** Where, from the end, the index word of SRTCP begins. */
  readonly rtcpIndexFromEnd: number;
}

export function createSrtpTransform(crypto: SrtpCrypto, keys: SrtpKeys): SrtpTransform {
  const rtp = deriveSessionKeys(crypto, keys, SRTP_LABEL);
  const rtcp = deriveSessionKeys(crypto, keys, SRTCP_LABEL);
  if (isGcm(keys.profile)) return gcmTransform(crypto, rtp, rtcp);
  const isShort = keys.profile === SRTP_AES128_CM_HMAC_SHA1_32;
  return counterModeTransform(crypto, { rtp, rtcp, rtpTagBytes: isShort ? 4 : SHA1_80_BYTES });
}

/** Of SRTCP always, whatever the suite says of SRTP (RFC 4568 §6.2.2). */
const SHA1_80_BYTES = 10;
const GCM_TAG_BYTES = 16;
const INDEX_BYTES = 4;
/** E flag of SRTCP: the packet is encrypted (RFC 3711 §3.4). */
const ENCRYPTED = 0x8000_0000;

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(INDEX_BYTES);
  viewOf(bytes).setUint32(0, value);
  return bytes;
}

/** RFC 3711 §4.1.1: (salt·2^16) ⊕ (SSRC·2^64) ⊕ (index·2^16). */
function counterIv(salt: Uint8Array, ssrc: number, index: number): Uint8Array {
  const iv = new Uint8Array(16);
  iv.set(salt);
  const view = viewOf(iv);
  view.setUint32(4, view.getUint32(4) ^ ssrc);
  view.setUint32(8, view.getUint32(8) ^ rolloverCounter(index));
  view.setUint16(12, view.getUint16(12) ^ (index % 0x1_0000));
  return iv;
}

/** RFC 7714 §8.1 and, with a 31-bit index, §9.1: zeroes, SSRC, index; then the salt over all. */
function gcmIv(salt: Uint8Array, ssrc: number, index: number): Uint8Array {
  const iv = Uint8Array.from(salt);
  const view = viewOf(iv);
  view.setUint32(2, view.getUint32(2) ^ ssrc);
  view.setUint32(6, view.getUint32(6) ^ rolloverCounter(index));
  view.setUint16(10, view.getUint16(10) ^ (index % 0x1_0000));
  return iv;
}

interface CounterMode {
  readonly rtp: SessionKeys;
  readonly rtcp: SessionKeys;
  readonly rtpTagBytes: number;
}

function counterModeTransform(
  crypto: SrtpCrypto,
  { rtp, rtcp, rtpTagBytes }: CounterMode,
): SrtpTransform {
  const tagBytes = (keys: SessionKeys): number => (keys === rtp ? rtpTagBytes : SHA1_80_BYTES);
  const crypt = (keys: SessionKeys, { packet, headerBytes, ssrc, index }: Placed): Uint8Array => {
    const iv = counterIv(keys.salt, ssrc, index);
    const body = crypto.aesCtr(keys.cipherKey, iv, packet.subarray(headerBytes));
    return concatBytes(packet.subarray(0, headerBytes), body);
  };
  const tagOf = (keys: SessionKeys, sealed: Uint8Array, suffix: Uint8Array): Uint8Array =>
    crypto.hmacSha1(keys.authKey, sealed, suffix).subarray(0, tagBytes(keys));
  const open = (keys: SessionKeys, placed: Placed, suffix: Uint8Array): Uint8Array | undefined => {
    const { packet } = placed;
    const tag = packet.subarray(packet.length - tagBytes(keys));
    const end = packet.length - tagBytes(keys) - (keys === rtcp ? INDEX_BYTES : 0);
    const sealed = packet.subarray(0, end);
    if (!crypto.equal(tag, tagOf(keys, sealed, suffix))) return undefined;
    return crypt(keys, { ...placed, packet: sealed });
  };
  return {
    rtcpTrailerBytes: SHA1_80_BYTES + INDEX_BYTES,
    rtcpIndexFromEnd: SHA1_80_BYTES + INDEX_BYTES,
    sealRtp(placed) {
      const sealed = crypt(rtp, placed);
      return concatBytes(sealed, tagOf(rtp, sealed, word(rolloverCounter(placed.index))));
    },
    openRtp: (placed) =>
      placed.packet.length < placed.headerBytes + rtpTagBytes
        ? undefined
        : open(rtp, placed, word(rolloverCounter(placed.index))),
    sealRtcp(placed) {
      const sealed = crypt(rtcp, placed);
      const index = word(ENCRYPTED + placed.index);
      return concatBytes(sealed, index, tagOf(rtcp, sealed, index));
    },
    openRtcp: (placed) => open(rtcp, placed, word(ENCRYPTED + placed.index)),
  };
}

function gcmTransform(crypto: SrtpCrypto, rtp: SessionKeys, rtcp: SessionKeys): SrtpTransform {
  const text = (keys: SessionKeys, { ssrc, index }: Placed) => ({
    key: keys.cipherKey,
    iv: gcmIv(keys.salt, ssrc, index),
  });
  return {
    rtcpTrailerBytes: GCM_TAG_BYTES + INDEX_BYTES,
    rtcpIndexFromEnd: INDEX_BYTES,
    sealRtp(placed) {
      const associated = placed.packet.subarray(0, placed.headerBytes);
      const input = placed.packet.subarray(placed.headerBytes);
      const body = crypto.aesGcmSeal({ ...text(rtp, placed), associated, input });
      return concatBytes(associated, body);
    },
    openRtp(placed) {
      if (placed.packet.length < placed.headerBytes + GCM_TAG_BYTES) return undefined;
      const associated = placed.packet.subarray(0, placed.headerBytes);
      const input = placed.packet.subarray(placed.headerBytes);
      const body = crypto.aesGcmOpen({ ...text(rtp, placed), associated, input });
      return body && concatBytes(associated, body);
    },
    // The index word is authenticated but stands outside the cipher text (RFC 7714 §17).
    sealRtcp(placed) {
      const head = placed.packet.subarray(0, placed.headerBytes);
      const index = word(ENCRYPTED + placed.index);
      const input = placed.packet.subarray(placed.headerBytes);
      const associated = concatBytes(head, index);
      const body = crypto.aesGcmSeal({ ...text(rtcp, placed), associated, input });
      return concatBytes(head, body, index);
    },
    openRtcp(placed) {
      const { packet, headerBytes } = placed;
      const head = packet.subarray(0, headerBytes);
      const associated = concatBytes(head, word(ENCRYPTED + placed.index));
      const input = packet.subarray(headerBytes, packet.length - INDEX_BYTES);
      const body = crypto.aesGcmOpen({ ...text(rtcp, placed), associated, input });
      return body && concatBytes(head, body);
    },
  };
}
