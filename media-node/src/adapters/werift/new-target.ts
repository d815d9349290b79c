import { randomBytes } from 'node:crypto';
import type { RewriteTarget } from '../../core/media/rtp-rewrite.ts';

export const random32 = (): number => randomBytes(4).readUInt32BE();
/** Below 2^15, so that the first packets cannot wrap before SRTP has an index (RFC 3711 §3.3.1). */
const randomSequence = (): number => randomBytes(2).readUInt16BE() >> 1;

/** A stream of ours, its numbers drawn at random (RFC 3550 §5.1). */
export const newTarget = (): RewriteTarget => ({
  ssrc: random32(),
  firstSequence: randomSequence(),
  firstTimestamp: random32(),
});
