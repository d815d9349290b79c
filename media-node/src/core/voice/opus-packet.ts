/** Samples at 48 kHz of one frame by configuration (RFC 6716 §3.1, table 2). */
const SILK_TICKS = [480, 960, 1920, 2880] as const;
const HYBRID_TICKS = [480, 960] as const;
const CELT_TICKS = [120, 240, 480, 960] as const;
/** 120 ms, the longest packet there may be (RFC 6716 §3.2.5). */
const MAX_TICKS = 5760;

function frameTicks(configuration: number): number {
  if (configuration < 12) return SILK_TICKS[(configuration & 3) as 0 | 1 | 2 | 3];
  if (configuration < 16) return HYBRID_TICKS[(configuration & 1) as 0 | 1];
  return CELT_TICKS[(configuration & 3) as 0 | 1 | 2 | 3];
}

/** How long a packet sounds, in ticks of 48 kHz; `undefined` for what is no Opus packet. */
export function opusTicks(packet: Uint8Array): number | undefined {
  const [toc, second] = packet;
  if (toc === undefined) return undefined;
  const frames = frameCount(toc & 3, second);
  if (frames === undefined) return undefined;
  const ticks = frames * frameTicks(toc >> 3);
  return ticks > 0 && ticks <= MAX_TICKS ? ticks : undefined;
}

function frameCount(code: number, second: number | undefined): number | undefined {
  if (code === 0) return 1;
  if (code < 3) return 2;
  return second === undefined ? undefined : second & 0x3f;
}

/**
 * A frame of the encoder's DTX: a TOC and at most one octet (RFC 7587 §3.1.3). What follows is a
 * pause of up to 400 ms with no packets.
 */
export const isOpusPause = (packet: Uint8Array): boolean => packet.length <= 2;
