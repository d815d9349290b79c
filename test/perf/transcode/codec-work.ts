import { createVoiceCodecs } from '../../../media-node/src/adapters/codecs/create-voice-codecs.ts';
import { loadNativeAddon } from '../../../media-node/src/adapters/codecs/native-addon.ts';
import { openNativeEncoder } from '../../../media-node/src/adapters/codecs/native-codecs.ts';
import { VoiceCrossing } from '../../../media-node/src/core/voice/voice-crossing.ts';
import type { LegName } from '../../../media-node/src/ports/media-plane.ts';
import type { VoiceCodecs } from '../../../media-node/src/ports/voice-codecs.ts';
import { LEGS, planOf } from '../../support/a-voice-leg.ts';
import { packetsOf } from '../../support/speech/packets-of.ts';
import { repeated, spoken, VOICES } from '../../support/speech/voices.ts';
import type { Row } from '../report.ts';

const FRAME_US = 20_000;

export interface CodecWorkPlan {
  readonly calls: number;
  readonly seconds: number;
}

const cpuUs = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

type Streams = Readonly<Record<LegName, readonly Uint8Array[]>>;

function oneTurn(call: VoiceCrossing, streams: Streams, turn: number): void {
  for (const leg of ['browser', 'ims'] as const) {
    const packet = streams[leg][turn];
    if (packet) call.take(leg, packet, turn * 20);
  }
  call.turn(turn * 20 + 3);
}

/** rtpengine's own setting of the Opus encoder, where ours is 5. */
export function codecsAtComplexity10(): VoiceCodecs {
  const loaded = loadNativeAddon();
  const codecs = createVoiceCodecs(loaded);
  return {
    ...codecs,
    openEncoder: (settings) =>
      loaded.ok && settings.codec === 'opus'
        ? openNativeEncoder(loaded.addon, settings, 10)
        : codecs.openEncoder(settings),
  };
}

/** What both directions of a call cost: jitter buffers, decoding, encoding, packets; no sockets. */
export function codecWork(
  name: keyof typeof LEGS,
  { calls, seconds }: CodecWorkPlan,
  codecs: VoiceCodecs = createVoiceCodecs(),
): Row {
  const plan = planOf(LEGS[name]);
  const { rateHz } = plan;
  const said = VOICES.slice(0, 2).map((voice) => repeated(spoken(voice, rateHz), 3));
  const [fromBrowser, fromIms] = [plan.browser, plan.ims].map((leg, at) =>
    packetsOf(leg, said[at] ?? new Int16Array(0), { codecs, rateHz }),
  );
  const live = Array.from({ length: calls }, (_, at) => new VoiceCrossing(plan, codecs, at + 1));
  const streams = { browser: fromBrowser ?? [], ims: fromIms ?? [] };
  let turn = 0;
  const run = (turns: number): number => {
    const before = cpuUs();
    for (const end = turn + turns; turn < end; turn += 1) {
      for (const call of live) oneTurn(call, streams, turn);
    }
    return (cpuUs() - before) / (turns * calls);
  };
  run(50);
  const perCallUs = run(Math.min(seconds * 50, streams.browser.length - turn - 1));
  return {
    case: 'codec work',
    subject: `Opus ↔ ${name}`,
    calls,
    cpuPerCallUs: Math.round(perCallUs),
    callsPerCore: Math.floor(FRAME_US / perCallUs),
  };
}
