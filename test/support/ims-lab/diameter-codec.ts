/** The part of Diameter (RFC 6733 §3, §4) that a Cx home subscriber server needs. */
export interface Avp {
  readonly code: number;
  readonly vendorId: number;
  readonly value: Buffer;
}

export interface DiameterMessage {
  readonly isRequest: boolean;
  readonly isProxiable: boolean;
  readonly command: number;
  readonly application: number;
  readonly hopByHop: number;
  readonly endToEnd: number;
  readonly avps: readonly Avp[];
}

export type AvpValue = number | string | Buffer | readonly Avp[];

const HEADER_BYTES = 20;
const VENDOR_FLAG = 0x80;
const MANDATORY_FLAG = 0x40;
const REQUEST_FLAG = 0x80;
const PROXIABLE_FLAG = 0x40;

const toBytes = (value: AvpValue): Buffer => {
  if (typeof value === 'string') return Buffer.from(value);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  }
  return Buffer.isBuffer(value) ? value : Buffer.concat(value.map(encodeAvp));
};

export const avp = (code: number, value: AvpValue, vendorId = 0): Avp => ({
  code,
  vendorId,
  value: toBytes(value),
});

function encodeAvp({ code, vendorId, value }: Avp): Buffer {
  const headerBytes = vendorId === 0 ? 8 : 12;
  const length = headerBytes + value.length;
  // An AVP is padded to four bytes, but its length does not count the padding (RFC 6733 §4.1).
  const bytes = Buffer.alloc((length + 3) & ~3);
  bytes.writeUInt32BE(code, 0);
  bytes[4] = MANDATORY_FLAG | (vendorId === 0 ? 0 : VENDOR_FLAG);
  bytes.writeUIntBE(length, 5, 3);
  if (vendorId !== 0) bytes.writeUInt32BE(vendorId, 8);
  value.copy(bytes, headerBytes);
  return bytes;
}

export function encodeMessage(message: DiameterMessage): Buffer {
  const body = Buffer.concat(message.avps.map(encodeAvp));
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = 1;
  header.writeUIntBE(HEADER_BYTES + body.length, 1, 3);
  header[4] = (message.isRequest ? REQUEST_FLAG : 0) | (message.isProxiable ? PROXIABLE_FLAG : 0);
  header.writeUIntBE(message.command, 5, 3);
  header.writeUInt32BE(message.application, 8);
  header.writeUInt32BE(message.hopByHop, 12);
  header.writeUInt32BE(message.endToEnd, 16);
  return Buffer.concat([header, body]);
}

/** A grouped AVP's value parses like a message body; what is cut short is left out. */
export function decodeAvps(bytes: Buffer): readonly Avp[] {
  const avps: Avp[] = [];
  let offset = 0;
  while (offset + 8 <= bytes.length) {
    const hasVendor = (bytes.readUInt8(offset + 4) & VENDOR_FLAG) !== 0;
    const length = bytes.readUIntBE(offset + 5, 3);
    const headerBytes = hasVendor ? 12 : 8;
    if (length < headerBytes || offset + length > bytes.length) break;
    avps.push({
      code: bytes.readUInt32BE(offset),
      vendorId: hasVendor ? bytes.readUInt32BE(offset + 8) : 0,
      value: bytes.subarray(offset + headerBytes, offset + length),
    });
    offset += (length + 3) & ~3;
  }
  return avps;
}

function decodeMessage(bytes: Buffer): DiameterMessage {
  const flags = bytes.readUInt8(4);
  return {
    isRequest: (flags & REQUEST_FLAG) !== 0,
    isProxiable: (flags & PROXIABLE_FLAG) !== 0,
    command: bytes.readUIntBE(5, 3),
    application: bytes.readUInt32BE(8),
    hopByHop: bytes.readUInt32BE(12),
    endToEnd: bytes.readUInt32BE(16),
    avps: decodeAvps(bytes.subarray(HEADER_BYTES)),
  };
}

/** Cuts a TCP byte stream into messages; keeps what has not come whole. */
export function createDiameterReader(): (chunk: Buffer) => readonly DiameterMessage[] {
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    const messages: DiameterMessage[] = [];
    while (pending.length >= HEADER_BYTES) {
      const length = Math.max(pending.readUIntBE(1, 3), HEADER_BYTES);
      if (pending.length < length) break;
      messages.push(decodeMessage(pending.subarray(0, length)));
      pending = pending.subarray(length);
    }
    return messages;
  };
}

const find = (avps: readonly Avp[], code: number): Buffer | undefined =>
  avps.find((each) => each.code === code)?.value;

export const textOf = (avps: readonly Avp[], code: number): string =>
  find(avps, code)?.toString() ?? '';

export const numberOf = (avps: readonly Avp[], code: number): number | undefined => {
  const value = find(avps, code);
  return value?.length === 4 ? value.readUInt32BE(0) : undefined;
};

export const groupOf = (avps: readonly Avp[], code: number): readonly Avp[] =>
  decodeAvps(find(avps, code) ?? Buffer.alloc(0));
