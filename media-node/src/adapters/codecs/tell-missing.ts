import type { Log } from '../../ports/log.ts';
import type { VideoCodecs } from '../../ports/video-codecs.ts';
import type { VoiceCodecs } from '../../ports/voice-codecs.ts';

/** A codec that cannot be had is told of once, and is in no offer; nothing else changes (MED-8). */
export function tellMissing({ missing }: Pick<VoiceCodecs, 'missing'>, log: Log): void {
  if (missing.size === 0) return;
  log.warn('codecs are missing: no call is transcoded to or from them', {
    missing: Object.fromEntries(missing),
  });
}

/** An operator's own is told of where it is there as well: without its line it was never named. */
export function tellEvs(
  { available }: Pick<VoiceCodecs, 'available'>,
  library: string | undefined,
  log: Log,
): void {
  if (library !== undefined && available.has('EVS')) log.info('EVS is loaded', { library });
}

/** The same of video, which needs both its codecs (MED-9). */
export function tellMissingVideo({ missing }: Pick<VideoCodecs, 'missing'>, log: Log): void {
  if (missing.size === 0) return;
  log.warn('video codecs are missing: video passes through and is not transcoded', {
    missing: Object.fromEntries(missing),
  });
}
