import { payloadOf, readRtpHeader, writeRtp } from '../../media-node/src/core/media/rtp-packet.ts';
import { VoiceCrossing } from '../../media-node/src/core/voice/voice-crossing.ts';
import type { LegName } from '../../media-node/src/ports/media-plane.ts';
import type { VoiceLeg } from '../../media-node/src/ports/transcoder.ts';
import { LEGS, planOf } from './a-voice-leg.ts';
import { FakeVoiceCodecs } from './fake-voice-codecs.ts';

const EVENTS = {
  browser: { arriving: 110, leaving: 110, clockRateHz: 48_000 },
  ims: { arriving: 102, leaving: 102, clockRateHz: 16_000 },
};
export const WIDE: VoiceLeg = { ...LEGS['AMR-WB'], events: EVENTS.ims };
export const OPUS: VoiceLeg = { ...LEGS.opus, events: EVENTS.browser };
export const LOUD = Uint8Array.of(9 << 3, 0, 99);

interface Sent {
  readonly payload: Uint8Array;
  readonly payloadType?: number;
  readonly timestamp: number;
  readonly sequence: number;
}

/** A call whose packets come in order, and leave 3 ms after. */
export function aCrossing(ims: VoiceLeg = WIDE, browser: VoiceLeg = OPUS) {
  const codecs = new FakeVoiceCodecs(['EVS']);
  const crossing = new VoiceCrossing(planOf(ims, browser), codecs, 77);
  let turn = 0;
  const left: { to: LegName; header: ReturnType<typeof readRtpHeader>; payload: Uint8Array }[] = [];
  return {
    codecs,
    crossing,
    left,
    to: (leg: LegName) => left.filter((it) => it.to === leg),
    take(from: LegName, { payload, payloadType, timestamp, sequence }: Sent): void {
      const own = from === 'ims' ? ims.arriving : browser.arriving;
      const fields = {
        marker: false,
        payloadType: payloadType ?? own,
        timestamp,
        sequence,
        ssrc: 5,
      };
      crossing.take(from, writeRtp(fields, payload), turn * 20);
    },
    turns(count: number): void {
      for (let done = 0; done < count; done += 1, turn += 1) {
        for (const { to, packet } of crossing.turn(turn * 20 + 3)) {
          const header = readRtpHeader(packet);
          const payload = header && payloadOf(packet, header);
          left.push({ to, header, payload: payload ?? new Uint8Array(0) });
        }
      }
    },
  };
}

export type ACrossing = ReturnType<typeof aCrossing>;

export function speak(
  call: ACrossing,
  from: LegName,
  {
    frames,
    payload,
    ticks,
  }: {
    readonly frames: number;
    readonly payload: Uint8Array;
    readonly ticks: number;
  },
): void {
  for (let index = 0; index < frames; index += 1) {
    call.take(from, { payload, timestamp: index * ticks, sequence: index });
    call.turns(1);
  }
}
