import type { createVoiceCodecs } from '../../../media-node/src/adapters/codecs/create-voice-codecs.ts';
import { writeRtp } from '../../../media-node/src/core/media/rtp-packet.ts';
import { amrFrameOf } from '../../../media-node/src/core/voice/amr-frame.ts';
import { NO_REQUEST, writeAmrPayload } from '../../../media-node/src/core/voice/amr-payload.ts';
import { amrBandOf } from '../../../media-node/src/core/voice/voice-frame.ts';
import type { VoiceLeg } from '../../../media-node/src/ports/transcoder.ts';

export type Codecs = ReturnType<typeof createVoiceCodecs>;

/** 12.65 kbit/s of AMR-WB, 12.2 of AMR. */
const MODE = { wide: 2, narrow: 7 } as const;

/** Speech as the RTP packets of a leg, one every 20 ms. */
export function packetsOf(
  leg: VoiceLeg,
  pcm: Int16Array,
  { codecs, rateHz }: { readonly codecs: Codecs; readonly rateHz: number },
): readonly Uint8Array[] {
  const band = amrBandOf(leg.codec);
  const encoder = codecs.openEncoder({
    ...{ codec: leg.codec, rateHz, withPauses: false },
    opus: { bitrate: 28_000, withRedundancy: true, isConstantRate: false, playbackRateHz: 48_000 },
  });
  const samples = rateHz / 50;
  return Array.from({ length: Math.floor(pcm.length / samples) }, (_, index) => {
    const sound = pcm.subarray(index * samples, (index + 1) * samples);
    const octets = encoder.encode(sound, band ? MODE[band] : 0).slice();
    const payload = band
      ? writeAmrPayload(
          { band, octetAligned: false },
          { modeRequest: NO_REQUEST, frames: [amrFrameOf(octets)] },
        )
      : octets;
    return writeRtp(
      {
        ...{ marker: index === 0, payloadType: leg.arriving, ssrc: 1 },
        sequence: index % 0x1_0000,
        timestamp: index * (leg.clockRateHz / 50),
      },
      payload,
    );
  });
}
