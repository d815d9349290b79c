import { createCipheriv, randomBytes } from 'node:crypto';

/** A card as the authentication centre knows it; all in hex. */
export interface Card {
  readonly k: string;
  readonly opc: string;
}

export interface AuthenticationVector {
  readonly rand: Buffer;
  readonly autn: Buffer;
  readonly xres: Buffer;
  readonly ck: Buffer;
  readonly ik: Buffer;
}

const MASK_128 = (1n << 128n) - 1n;
const AMF = 0x8000n;
/** The next number of the same sender (TS 33.102 §C.3.2). */
const STEP = 32n;

const number = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);
const bytes = (value: bigint, length: number): Buffer =>
  Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex');

/** MILENAGE on 128-bit numbers (TS 35.206 §4.1), written apart from the code under test. */
function milenage({ k, opc }: Card, rand: Buffer) {
  const key = Buffer.from(k, 'hex');
  const op = BigInt(`0x${opc}`);
  const aes = (value: bigint): bigint => {
    const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    return number(cipher.update(bytes(value, 16)));
  };
  const rotate = (value: bigint, by: bigint): bigint =>
    ((value << by) | (value >> (128n - by))) & MASK_128;
  const temp = aes(number(rand) ^ op);
  const out = (by: bigint, constant: bigint): bigint => aes(rotate(temp ^ op, by) ^ constant) ^ op;
  const macs = (sqn: bigint, amf: bigint): bigint => {
    const half = (sqn << 16n) | amf;
    return aes(temp ^ rotate(((half << 64n) | half) ^ op, 64n)) ^ op;
  };
  const out2 = out(0n, 1n);
  return {
    macA: (sqn: bigint, amf: bigint) => macs(sqn, amf) >> 64n,
    macS: (sqn: bigint) => macs(sqn, 0n) & ((1n << 64n) - 1n),
    res: out2 & ((1n << 64n) - 1n),
    ak: out2 >> 80n,
    ck: out(32n, 2n),
    ik: out(64n, 4n),
    akOfResync: out(96n, 8n) >> 80n,
  };
}

/** One subscriber's authentication centre: it counts, and is set right by its card (TS 33.102 §6.3). */
export class AuthenticationCentre {
  readonly #card: Card;
  sqn = STEP;
  /** How often a card has set it right. */
  resyncs = 0;

  constructor(card: Card) {
    this.#card = card;
  }

  vector(): AuthenticationVector {
    const rand = randomBytes(16);
    const { ak, ck, ik, macA, res } = milenage(this.#card, rand);
    this.sqn += STEP;
    const autn = ((this.sqn ^ ak) << 80n) | (AMF << 64n) | macA(this.sqn, AMF);
    return {
      ...{ rand, autn: bytes(autn, 16), xres: bytes(res, 8) },
      ...{ ck: bytes(ck, 16), ik: bytes(ik, 16) },
    };
  }

  /** `randAndAuts`: what SIP-Authorization of a MAR holds then (TS 29.229 §6.3.11). */
  resynchronise(randAndAuts: Buffer): void {
    const card = milenage(this.#card, randAndAuts.subarray(0, 16));
    const auts = number(randAndAuts.subarray(16, 30));
    const sqn = (auts >> 64n) ^ card.akOfResync;
    if ((auts & ((1n << 64n) - 1n)) !== card.macS(sqn)) throw new Error('AUTS of another card');
    this.sqn = sqn;
    this.resyncs += 1;
  }
}
