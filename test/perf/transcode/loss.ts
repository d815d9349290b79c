import { createVoiceCodecs } from '../../../media-node/src/adapters/codecs/create-voice-codecs.ts';
import { payloadOf, readRtpHeader } from '../../../media-node/src/core/media/rtp-packet.ts';
import { ConcealingDecoder } from '../../../media-node/src/core/voice/concealing-decoder.ts';
import { VoiceCrossing } from '../../../media-node/src/core/voice/voice-crossing.ts';
import { readVoicePayload } from '../../../media-node/src/core/voice/voice-frame.ts';
import type { LegName } from '../../../media-node/src/ports/media-plane.ts';
import { LEGS, planOf } from '../../support/a-voice-leg.ts';
import { findIn } from '../../support/speech/fourier.ts';
import { scoreSeconds } from '../../support/speech/score.ts';
import { repeated, spoken, VOICES } from '../../support/speech/voices.ts';
import type { Row } from '../report.ts';
import { packetsOf } from './stream.ts';

export interface Network {
  readonly lossPercent: number;
  /** Lost packets come in runs of three on average. */
  readonly inBursts: boolean;
  /** Mean of what a packet is late, exponentially distributed. */
  readonly jitterMs: number;
}

/** The same chances in every run. */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state / 0x7fff_ffff;
  };
}

const BURST_PACKETS = 3;

function lossesOf({ lossPercent, inBursts }: Network, next: () => number): () => boolean {
  const share = lossPercent / 100;
  if (!inBursts) return () => next() < share;
  let isLosing = false;
  const begin = share / (1 - share) / BURST_PACKETS;
  return () => {
    isLosing = isLosing ? next() > 1 / BURST_PACKETS : next() < begin;
    return isLosing;
  };
}

export interface LossCase {
  readonly phone: keyof typeof LEGS;
  readonly from: LegName;
  readonly network: Network;
}

/** In the order they come. */
function arrivalsOf(packets: readonly Uint8Array[], network: Network, next: () => number) {
  const isLost = lossesOf(network, next);
  const sent = packets.flatMap((packet, index) => {
    const lateMs = network.jitterMs === 0 ? 0 : -Math.log(next() + 1e-9) * network.jitterMs;
    return isLost() ? [] : [{ packet, atMs: index * 20 + 20 + lateMs }];
  });
  return sent.sort((a, b) => a.atMs - b.atMs);
}

/** Taken off the front. */
function dueOf<T extends { readonly atMs: number }>(sent: T[], nowMs: number): readonly T[] {
  const later = sent.findIndex((it) => it.atMs > nowMs);
  return sent.splice(0, later === -1 ? sent.length : later);
}

/** Speech over a network into the node, and straight out of it to the other side. */
export function lossRow({ phone, from, network }: LossCase): Row {
  const codecs = createVoiceCodecs();
  const plan = planOf(LEGS[phone]);
  const { rateHz } = plan;
  const [said] = [repeated(spoken(VOICES[0], rateHz), 4)];
  const to = from === 'browser' ? plan.ims : plan.browser;
  const next = chances(7);
  const sent = arrivalsOf(packetsOf(plan[from], said, { codecs, rateHz }), network, next);
  const crossing = new VoiceCrossing(plan, codecs, 1);
  const far = new ConcealingDecoder(to.codec, codecs.openDecoder(to.codec, rateHz));
  const samples = rateHz / 50;
  const heard = new Int16Array(said.length);
  for (let turn = 0; (turn + 1) * samples <= heard.length; turn += 1) {
    const nowMs = (turn + 1) * 20 + 3;
    for (const { packet, atMs } of dueOf(sent, nowMs)) crossing.take(from, packet, atMs);
    const pcm = heard.subarray(turn * samples, (turn + 1) * samples);
    const frame = frameOf(crossing.turn(nowMs).find((it) => it.to !== from)?.packet, to);
    if (frame) far.play(frame, pcm, samples);
    else far.comfort(pcm);
  }
  const seconds = scoreSeconds(
    said.subarray(0, said.length / 2),
    heard.subarray(rateHz * 2),
    rateHz,
  );
  const mean = (of: 'stoi' | 'distanceDb'): number =>
    seconds.reduce((sum, it) => sum + it[of], 0) / seconds.length;
  const counts = crossing.counts(from);
  return {
    case: `${String(network.lossPercent)} % ${network.inBursts ? 'in bursts' : 'at random'}, ${String(network.jitterMs)} ms`,
    subject: from === 'browser' ? `Opus → ${phone}` : `${phone} → Opus`,
    stoi: Number(mean('stoi').toFixed(3)),
    distanceDb: Number(mean('distanceDb').toFixed(1)),
    addedMs: Math.round(delayOf(said, heard, rateHz)),
    concealed: counts.lost,
    late: counts.late,
  };
}

function frameOf(packet: Uint8Array | undefined, leg: (typeof LEGS)['opus']) {
  const header = packet && readRtpHeader(packet);
  const payload = packet && header ? payloadOf(packet, header) : undefined;
  return payload ? readVoicePayload(leg, payload)?.frames[0]?.frame : undefined;
}

/** From the mouth to the far decoder, codecs and jitter buffer together; half a turn is the turn's. */
function delayOf(said: Int16Array, heard: Int16Array, rateHz: number): number {
  const from = rateHz * 9;
  const stretch = Float64Array.from(heard.subarray(from, from + rateHz));
  const first = Math.max(0, from - rateHz);
  const { at } = findIn(Float64Array.from(said.subarray(first, from + rateHz)), stretch);
  return ((from - first - at) * 1000) / rateHz;
}
