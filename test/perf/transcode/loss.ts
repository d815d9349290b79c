import { createVoiceCodecs } from '../../../media-node/src/adapters/codecs/create-voice-codecs.ts';
import { VoiceCrossing } from '../../../media-node/src/core/voice/voice-crossing.ts';
import type { LegName } from '../../../media-node/src/ports/media-plane.ts';
import type { VoiceLeg } from '../../../media-node/src/ports/transcoder.ts';
import { LEGS, planOf } from '../../support/a-voice-leg.ts';
import { FarEar } from '../../support/speech/far-ear.ts';
import { findIn } from '../../support/speech/find-in.ts';
import { packetsOf } from '../../support/speech/packets-of.ts';
import { scoreSeconds } from '../../support/speech/score.ts';
import { repeated, spoken, VOICES } from '../../support/speech/voices.ts';
import type { Row } from '../report.ts';
import { arrivalsOf, dueOf, type Network } from './network.ts';

export interface LossCase {
  readonly phone: keyof typeof LEGS;
  readonly from: LegName;
  readonly network: Network;
}

export interface Speech {
  readonly said: Int16Array;
  readonly packets: readonly Uint8Array[];
}

/** Of one sentence. */
const ROUNDS = 4;

/** The same on every network: it is spoken and encoded once. */
const speeches = new Map<string, Speech>();

export function speechOf(leg: VoiceLeg, rateHz: number): Speech {
  const key = [leg.codec, leg.arriving, rateHz].join(' ');
  const known = speeches.get(key);
  if (known) return known;
  const said = repeated(spoken(VOICES[0], rateHz), ROUNDS);
  const speech = { said, packets: packetsOf(leg, said, { codecs: createVoiceCodecs(), rateHz }) };
  speeches.set(key, speech);
  return speech;
}

/** Speech over a network into the node, and out of it to an ear on the other side. */
export function lossRow({ phone, from, network }: LossCase): Row {
  const codecs = createVoiceCodecs();
  const plan = planOf(LEGS[phone]);
  const { rateHz } = plan;
  const { said, packets } = speechOf(plan[from], rateHz);
  const to = from === 'browser' ? plan.ims : plan.browser;
  const sent = arrivalsOf(packets, network);
  const crossing = new VoiceCrossing(plan, codecs, 1);
  const ear = new FarEar(to, codecs, rateHz);
  const samples = rateHz / 50;
  const heard = new Int16Array(said.length);
  for (let turn = 0; (turn + 1) * samples <= heard.length; turn += 1) {
    const nowMs = (turn + 1) * 20 + 3;
    for (const { packet, atMs } of dueOf(sent, nowMs)) crossing.take(from, packet, atMs);
    for (const it of crossing.turn(nowMs)) if (it.to !== from) ear.take(it.packet, nowMs);
    ear.hear(heard.subarray(turn * samples, (turn + 1) * samples), nowMs);
  }
  const counts = crossing.counts(from);
  return {
    ...{
      case: nameOf(network),
      subject: from === 'browser' ? `Opus → ${phone}` : `${phone} → Opus`,
    },
    ...scoresOf(said, heard, rateHz),
    ...{ concealed: counts.lost, late: counts.late, farConcealed: ear.counts.lost },
  };
}

export const nameOf = ({ lossPercent, inBursts, jitterMs }: Network): string =>
  `${String(lossPercent)} % ${inBursts ? 'in bursts' : 'at random'}, ${String(jitterMs)} ms`;

/** The mean of all seconds; the first two, in which a buffer fills, are left out. */
export function scoresOf(said: Int16Array, heard: Int16Array, rateHz: number) {
  const delayMs = delayOf(said, heard, rateHz);
  // The same seconds of speech whatever the delay: one that is half a pause scores otherwise.
  const first = Math.round(rateHz * (2 + delayMs / 1000));
  const seconds = scoreSeconds(
    said.subarray(0, said.length / ROUNDS),
    heard.subarray(first),
    rateHz,
  ).slice(0, Math.floor(said.length / rateHz) - 3);
  const mean = (of: 'stoi' | 'distanceDb'): number =>
    seconds.reduce((sum, it) => sum + it[of], 0) / seconds.length;
  return {
    stoi: Number(mean('stoi').toFixed(3)),
    distanceDb: Number(mean('distanceDb').toFixed(1)),
    addedMs: Math.round(delayMs),
  };
}

/** From the mouth to the far ear: codecs and jitter buffers, those of the node and of the ear. */
function delayOf(said: Int16Array, heard: Int16Array, rateHz: number): number {
  const from = rateHz * 9;
  const stretch = Float64Array.from(heard.subarray(from, from + rateHz));
  const first = Math.max(0, from - rateHz);
  const { at } = findIn(Float64Array.from(said.subarray(first, from + rateHz)), stretch);
  return ((from - first - at) * 1000) / rateHz;
}
