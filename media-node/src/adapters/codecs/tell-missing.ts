import type { Log } from '../../ports/log.ts';
import type { VoiceCodecs } from '../../ports/voice-codecs.ts';

/** A codec that cannot be had is told of once, and is in no offer; nothing else changes (MED-8). */
export function tellMissing({ missing }: Pick<VoiceCodecs, 'missing'>, log: Log): void {
  if (missing.size === 0) return;
  log.warn('codecs are missing: no call is transcoded to or from them', {
    missing: Object.fromEntries(missing),
  });
}
