/** Toward the access side; the floor does without. */
export type Suite = 'cm' | 'none';

/** As DTLS names it (RFC 5764 §4.1.2). */
export const CM_PROFILE = 1;
/** AES_CM_128_HMAC_SHA1_80: 16 octets of key, 14 of salt. Of what the generator sends. */
export const GENERATOR_KEY = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d';
/** Of what our relays send to it. */
export const RELAY_KEY = '1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a0908070605040302';

export const ACCESS_PEER_PORT = 20_000;
export const IMS_PEER_PORT = 20_001;
export const PAYLOAD_TYPE = 8;

const PER_NETWORK = 250;

/** Each call has a peer of its own address, as the generator has it. */
export const peerAddress = (call: number): string =>
  `127.1.${String(Math.floor(call / PER_NETWORK))}.${String((call % PER_NETWORK) + 1)}`;
