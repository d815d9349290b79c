const KEYS = '0123456789*#';
const PAYLOAD_BYTES = 4;
const HEADER_BYTES = 12;
const END = 0x80;
/** RFC 4733 §2.3: the end of an event at volume 10, 100 ms long, said thrice (§2.5.1.4). */
const VOLUME = 10;
const KEY_TICKS = 800;
const SAID = 3;

/** The end of a key alone, as often as it is said: what leads to it may get lost as well. */
export function pressed(key: string): readonly Buffer[] {
  const payload = Buffer.alloc(PAYLOAD_BYTES);
  payload.writeUInt8(KEYS.indexOf(key), 0);
  payload.writeUInt8(END | VOLUME, 1);
  payload.writeUInt16BE(KEY_TICKS, 2);
  return Array.from({ length: SAID }, () => payload);
}

/** Which keys these packets of RTP say were pressed, each once: one timestamp is one key. */
export function keysIn(packets: readonly Buffer[], payloadType: number): string {
  const keys = new Map<number, string>();
  for (const packet of packets) {
    if (packet.length < HEADER_BYTES + PAYLOAD_BYTES) continue;
    if ((packet.readUInt8(1) & 0x7f) !== payloadType) continue;
    const isOver = (packet.readUInt8(HEADER_BYTES + 1) & END) !== 0;
    const key = KEYS[packet.readUInt8(HEADER_BYTES)] ?? '?';
    if (isOver) keys.set(packet.readUInt32BE(4), key);
  }
  return [...keys.values()].join('');
}

/** Between two keys on one clock. */
export const TICKS_BETWEEN_KEYS = 2 * KEY_TICKS;
