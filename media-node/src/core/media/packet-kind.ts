export type PacketKind = 'stun' | 'dtls' | 'rtp' | 'rtcp' | 'unknown';

/** What shares one port is told apart by its first two bytes (RFC 7983 §7, RFC 5761 §4). */
export function packetKind(packet: Uint8Array): PacketKind {
  const first = packet[0] ?? 255;
  if (first < 4) return 'stun';
  if (first > 19 && first < 64) return 'dtls';
  if (first < 128 || first > 191) return 'unknown';
  const second = packet[1] ?? 0;
  return second >= 192 && second <= 223 ? 'rtcp' : 'rtp';
}
