/** AES-128 of one block of 16 bytes, without padding. */
export type EncryptBlock = (key: Uint8Array, block: Uint8Array) => Uint8Array;

export const BLOCK_BYTES = 16;

/** What a subscriber's card holds (3GPP TS 35.206 §2). */
export interface SubscriberKeys {
  readonly k: Uint8Array;
  readonly opc: Uint8Array;
}

/** OPc of an operator's OP (3GPP TS 35.206 §4.1). */
export const opcOf = (k: Uint8Array, op: Uint8Array, encrypt: EncryptBlock): Uint8Array =>
  xor(encrypt(k, op), op);

/** The constants r1 to r5, in bytes, and the last byte of c1 to c5 (3GPP TS 35.206 §4.1). */
const ROTATION = { f1: 8, f2f5: 0, f3: 4, f4: 8, f5star: 12 } as const;
const LAST_BYTE = { f1: 0, f2f5: 1, f3: 2, f4: 4, f5star: 8 } as const;
type Branch = keyof typeof ROTATION;

const MAC_BYTES = 8;
const KEY_BYTES = 6;

/** The algorithm set MILENAGE for one RAND (3GPP TS 35.206 §4.1). */
export class Milenage {
  readonly #keys: SubscriberKeys;
  readonly #encrypt: EncryptBlock;
  readonly #temp: Uint8Array;

  constructor(keys: SubscriberKeys, rand: Uint8Array, encrypt: EncryptBlock) {
    this.#keys = keys;
    this.#encrypt = encrypt;
    this.#temp = encrypt(keys.k, xor(rand, keys.opc));
  }

  /** f1: proves the network (MAC-A). */
  macA(sqn: Uint8Array, amf: Uint8Array): Uint8Array {
    return this.#macs(sqn, amf).slice(0, MAC_BYTES);
  }

  /** f1*: proves us in a resynchronisation (MAC-S). */
  macS(sqn: Uint8Array, amf: Uint8Array): Uint8Array {
    return this.#macs(sqn, amf).slice(MAC_BYTES);
  }

  /** f2: RES. */
  get res(): Uint8Array {
    return this.#out('f2f5').slice(MAC_BYTES);
  }

  /** f3: CK. */
  get cipherKey(): Uint8Array {
    return this.#out('f3');
  }

  /** f4: IK. */
  get integrityKey(): Uint8Array {
    return this.#out('f4');
  }

  /** f5: AK, which hides the sequence number. */
  get anonymityKey(): Uint8Array {
    return this.#out('f2f5').slice(0, KEY_BYTES);
  }

  /** f5*: AK of a resynchronisation. */
  get resyncAnonymityKey(): Uint8Array {
    return this.#out('f5star').slice(0, KEY_BYTES);
  }

  #out(branch: Branch): Uint8Array {
    const { k, opc } = this.#keys;
    const mixed = withConstant(rotated(xor(this.#temp, opc), ROTATION[branch]), branch);
    return xor(this.#encrypt(k, mixed), opc);
  }

  /** OUT1: MAC-A and MAC-S side by side. */
  #macs(sqn: Uint8Array, amf: Uint8Array): Uint8Array {
    const { k, opc } = this.#keys;
    const input = new Uint8Array([...sqn, ...amf, ...sqn, ...amf]);
    const mixed = withConstant(rotated(xor(input, opc), ROTATION.f1), 'f1');
    return xor(this.#encrypt(k, xor(this.#temp, mixed)), opc);
  }
}

export const xor = (a: Uint8Array, b: Uint8Array): Uint8Array =>
  a.map((byte, at) => byte ^ (b[at] ?? 0));

/** Towards the most significant byte. */
const rotated = (block: Uint8Array, bytes: number): Uint8Array =>
  block.map((_, at) => block[(at + bytes) % BLOCK_BYTES] ?? 0);

const withConstant = (block: Uint8Array, branch: Branch): Uint8Array =>
  block.map((byte, at) => (at === BLOCK_BYTES - 1 ? byte ^ LAST_BYTE[branch] : byte));
