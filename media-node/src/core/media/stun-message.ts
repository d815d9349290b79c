import { readIpAddress } from '../sdp/ip-address.ts';
import { viewOf } from './bytes.ts';

const HEADER_BYTES = 20;
const MAGIC_COOKIE = 0x2112_a442;
const USERNAME = 0x0006;
const MESSAGE_INTEGRITY = 0x0008;
const INTEGRITY_BYTES = 20;
const USE_CANDIDATE = 0x0025;
/** More attributes than any agent sends; bounds the walk. */
const MAX_ATTRIBUTES = 32;

export type StunClass = 'request' | 'indication' | 'success' | 'error';

export interface StunMessage {
  readonly class: StunClass;
  readonly isBinding: boolean;
  /** Twelve bytes as hexadecimal. */
  readonly transaction: string;
  readonly username?: string;
  /** Of a controlling agent: it wants the pair that this check goes over (RFC 8445 §7.1.2). */
  readonly isNaming?: true;
  /** What the integrity covers, with the length as it was when it was reckoned, and its value. */
  readonly integrity?: { readonly covered: Uint8Array; readonly value: Uint8Array };
}

const CLASSES: readonly StunClass[] = ['request', 'indication', 'success', 'error'];

/** Reads a STUN message (RFC 8489 §5); `undefined` for what is none or is cut short. */
export function readStun(packet: Uint8Array): StunMessage | undefined {
  if (packet.length < HEADER_BYTES) return undefined;
  const view = viewOf(packet);
  const type = view.getUint16(0);
  const isComplete = view.getUint16(2) + HEADER_BYTES === packet.length;
  if (type > 0x3fff || !isComplete || view.getUint32(4) !== MAGIC_COOKIE) return undefined;
  const attributes = readAttributes(packet);
  if (!attributes) return undefined;
  const stunClass = CLASSES[((type >> 7) & 2) | ((type >> 4) & 1)] ?? 'error';
  const transaction = Array.from(packet.subarray(8, 20), hex).join('');
  return { class: stunClass, isBinding: (type & 0x3eef) === 1, transaction, ...attributes };
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

type Attributes = Pick<StunMessage, 'username' | 'isNaming' | 'integrity'>;

function readAttributes(packet: Uint8Array): Attributes | undefined {
  const view = viewOf(packet);
  let found: Attributes = {};
  let offset = HEADER_BYTES;
  for (let count = 0; offset < packet.length; count += 1) {
    if (count === MAX_ATTRIBUTES || offset + 4 > packet.length) return undefined;
    const end = offset + 4 + view.getUint16(offset + 2);
    if (end > packet.length) return undefined;
    found = { ...found, ...readAttribute(packet, { offset, end }) };
    // Whatever stands behind the integrity is not covered by it (RFC 8489 §14.5).
    if (found.integrity) return found;
    offset = end + ((4 - (end % 4)) % 4);
  }
  return found;
}

function readAttribute(
  packet: Uint8Array,
  { offset, end }: { readonly offset: number; readonly end: number },
): Attributes {
  const value = packet.subarray(offset + 4, end);
  const type = viewOf(packet).getUint16(offset);
  if (type === USERNAME) return { username: String.fromCharCode(...value) };
  if (type === USE_CANDIDATE) return { isNaming: true };
  if (type !== MESSAGE_INTEGRITY || value.length !== INTEGRITY_BYTES) return {};
  // A copy: `slice` of a Buffer would be a view, and the length is changed here.
  const covered = Uint8Array.from(packet.subarray(0, offset));
  viewOf(covered).setUint16(2, end - HEADER_BYTES);
  return { integrity: { covered, value } };
}

export interface SeenEndpoint {
  readonly address: string;
  readonly port: number;
}

const BINDING_SUCCESS = 0x0101;
const XOR_MAPPED_ADDRESS = 0x0020;
const IPV4 = 1;
const IPV6 = 2;

/**
 * A success of the transaction of that message, and where its asker is seen (RFC 8489 §14.2); without
 * integrity. `undefined` for what is no address.
 */
export function bindingAnswer(message: Uint8Array, seenAt: SeenEndpoint): Uint8Array | undefined {
  const octets = readIpAddress(seenAt.address);
  if (!octets) return undefined;
  const answer = new Uint8Array(HEADER_BYTES + 8 + octets.length);
  answer.set(message.subarray(0, HEADER_BYTES));
  const view = viewOf(answer);
  view.setUint16(0, BINDING_SUCCESS);
  view.setUint16(2, 8 + octets.length);
  view.setUint16(20, XOR_MAPPED_ADDRESS);
  view.setUint16(22, 4 + octets.length);
  view.setUint8(25, octets.length === 4 ? IPV4 : IPV6);
  view.setUint16(26, seenAt.port ^ (MAGIC_COOKIE >>> 16));
  // The mask is the cookie and, behind it, the transaction: as they stand in the header.
  octets.forEach((octet, index) => {
    answer[28 + index] = octet ^ (answer[4 + index] ?? 0);
  });
  return answer;
}
