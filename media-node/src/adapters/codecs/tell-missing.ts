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

/** The same of video, which needs both its codecs (MED-9). */
export function tellMissingVideo({ missing }: Pick<VideoCodecs, 'missing'>, log: Log): void {
  if (missing.size === 0) return;
  log.warn('video codecs are missing: video passes through and is not transcoded', {
    missing: Object.fromEntries(missing),
  });
}
