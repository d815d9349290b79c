/** 3GPP TS 33.102 §C.1.1.1, profile 2: the lower five bits name one of many senders of challenges. */
const INDEX_BITS = 5n;
const INDICES = 2n ** INDEX_BITS;

/** The sequence numbers a subscriber has accepted, the highest of each index. */
export interface Sequence {
  readonly byIndex: Readonly<Record<string, bigint>>;
}

export const startSequence: Sequence = { byIndex: {} };

/** As it is stored; 48 bits are a safe integer. */
export type SequenceRecord = Readonly<Record<string, number>>;

export const recordOf = ({ byIndex }: Sequence): SequenceRecord =>
  Object.fromEntries(Object.entries(byIndex).map(([index, sqn]) => [index, Number(sqn)]));

export const sequenceOf = (record: SequenceRecord): Sequence => ({
  byIndex: Object.fromEntries(Object.entries(record).map(([index, sqn]) => [index, BigInt(sqn)])),
});

/** SQN_MS: the highest of all, which a resynchronisation tells the network (3GPP TS 33.102 §C.2.2). */
export const highestOf = ({ byIndex }: Sequence): bigint =>
  Object.values(byIndex).reduce((highest, it) => (it > highest ? it : highest), 0n);

/** Undefined where the number is not fresh (3GPP TS 33.102 §C.2.2). */
export function accepted({ byIndex }: Sequence, sqn: bigint): Sequence | undefined {
  const index = String(sqn % INDICES);
  const before = byIndex[index];
  if (before !== undefined && sqn / INDICES <= before / INDICES) return undefined;
  return { byIndex: { ...byIndex, [index]: sqn } };
}

const SQN_BYTES = 6;
const BYTE = 256n;

export const sqnOf = (bytes: Uint8Array): bigint =>
  bytes.reduce((sum, byte) => sum * BYTE + BigInt(byte), 0n);

export const bytesOfSqn = (sqn: bigint): Uint8Array =>
  Uint8Array.from({ length: SQN_BYTES }, (_, at) =>
    Number((sqn / BYTE ** BigInt(SQN_BYTES - 1 - at)) % BYTE),
  );
