import { createVoiceCodecs } from '../../media-node/src/adapters/codecs/create-voice-codecs.ts';
import { writeRtp } from '../../media-node/src/core/media/rtp-packet.ts';
import type { LegName } from '../../media-node/src/ports/media-plane.ts';
import type { Transcoder, TranscodingPlan } from '../../media-node/src/ports/transcoder.ts';
import { hum } from '../contract/voice-codecs.contract.ts';

interface Left {
  readonly to: LegName;
  readonly packet: Uint8Array;
}

/** As IMS reports it all the time: who may is to send everything twice. */
const LOST_SHARE = 0.2;

/** Speaks Opus into a slot in real time until `enough`, and keeps what leaves. */
export async function speakInto(
  transcoder: Transcoder,
  plan: TranscodingPlan,
  enough: number | ((left: readonly Left[]) => boolean),
) {
  const isEnough = typeof enough === 'number' ? () => left.length >= enough : enough;
  const slot = transcoder.reserve();
  const left: Left[] = [];
  slot?.start(plan, {
    leave: (to, packet) => left.push({ to, packet: packet.slice() }),
    lostAt: (leg) => (leg === 'ims' ? LOST_SHARE : undefined),
  });
  const encoder = createVoiceCodecs().openEncoder({
    ...{ codec: 'opus', rateHz: 16_000, withPauses: false },
  });
  let turn = 0;
  const timer = setInterval(() => {
    const payload = encoder.encode(hum(16_000, turn), 0);
    const fields = { marker: false, payloadType: 111, ssrc: 9 };
    slot?.take('browser', writeRtp({ ...fields, sequence: turn, timestamp: turn * 960 }, payload));
    turn += 1;
  }, 20);
  while (!isEnough(left)) await new Promise((resolve) => setTimeout(resolve, 5));
  clearInterval(timer);
  return { slot, left };
}
