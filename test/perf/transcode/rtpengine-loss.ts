import { createVoiceCodecs } from '../../../media-node/src/adapters/codecs/create-voice-codecs.ts';
import { ConcealingDecoder } from '../../../media-node/src/core/voice/concealing-decoder.ts';
import type { VoiceLeg } from '../../../media-node/src/ports/transcoder.ts';
import { LEGS, planOf } from '../../support/a-voice-leg.ts';
import { inTurn } from '../in-turn.ts';
import type { Row } from '../report.ts';
import { frameOf, type LossCase, nameOf, scoresOf, speechOf } from './loss.ts';
import { type Arrival, arrivalsOf, dueOf } from './network.ts';
import { openRtpengine, type Rtpengine, rtpengineEncodes } from './rtpengine-calls.ts';

const FRAME_MS = 20;
const STEP_MS = 5;
/** Until the last packets have crossed. */
const TAIL_MS = 500;

interface Crossing extends LossCase {
  readonly said: Int16Array;
  readonly sent: Arrival[];
  readonly heard: Arrival[];
  send(packet: Uint8Array): void;
  close(): void;
}

/**
 * The same speech with the same losses through rtpengine, all cases at once and in real time. What
 * leaves it is played as it comes; the far decoder conceals where nothing has come.
 */
export async function rtpengineLossRows(cases: readonly LossCase[]): Promise<readonly Row[]> {
  const able = cases.filter((it) => rtpengineEncodes(it.phone));
  if (able.length === 0) return [];
  const engine = await openRtpengine();
  try {
    const crossings: Crossing[] = [];
    await inTurn(able, 1, async (it) => {
      crossings.push(await aCrossing(engine, it));
    });
    await cross(crossings);
    return crossings.map(rowOf);
  } finally {
    await engine.stop();
  }
}

async function aCrossing(engine: Rtpengine, of: LossCase): Promise<Crossing> {
  const ims = LEGS[of.phone];
  const { rateHz } = planOf(ims);
  const call = await engine.open(LEGS.opus, ims);
  const leg = of.from === 'browser' ? LEGS.opus : { ...ims, arriving: call.phonePayload };
  const { said, packets } = speechOf(leg, rateHz);
  const sent = arrivalsOf(packets, of.network);
  const heard: Arrival[] = [];
  const startMs = performance.now();
  call.onPacket(of.from === 'browser' ? 'ims' : 'browser', (packet) => {
    heard.push({ packet: Uint8Array.from(packet), atMs: performance.now() - startMs });
  });
  return {
    ...{ ...of, said, sent, heard },
    send: (packet) => {
      call.send(of.from, packet);
    },
    close: () => {
      call.close();
    },
  };
}

async function cross(crossings: readonly Crossing[]): Promise<void> {
  const lastMs = Math.max(...crossings.map(({ sent }) => sent.at(-1)?.atMs ?? 0)) + TAIL_MS;
  const startMs = performance.now();
  for (let nowMs = 0; nowMs < lastMs; nowMs = performance.now() - startMs) {
    for (const crossing of crossings) {
      for (const { packet } of dueOf(crossing.sent, nowMs)) crossing.send(packet);
    }
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
  for (const crossing of crossings) crossing.close();
}

function rowOf({ phone, from, network, said, heard }: Crossing): Row {
  const { rateHz } = planOf(LEGS[phone]);
  const to = from === 'browser' ? LEGS[phone] : LEGS.opus;
  return {
    case: `rtpengine, ${nameOf(network)}`,
    subject: from === 'browser' ? `Opus → ${phone}` : `${phone} → Opus`,
    ...scoresOf(said, playedOut(heard, to, { rateHz, samples: said.length }), rateHz),
  };
}

function playedOut(
  heard: readonly Arrival[],
  leg: VoiceLeg,
  { rateHz, samples }: { readonly rateHz: number; readonly samples: number },
): Int16Array {
  const far = new ConcealingDecoder(leg.codec, createVoiceCodecs().openDecoder(leg.codec, rateHz));
  const pcm = new Int16Array(samples);
  const frame = rateHz / 50;
  const waiting = [...heard];
  const firstMs = waiting[0]?.atMs ?? 0;
  for (let at = 0, turn = 0; at + frame <= pcm.length; at += frame, turn += 1) {
    const room = pcm.subarray(at, at + frame);
    const isThere = (waiting[0]?.atMs ?? Number.POSITIVE_INFINITY) <= firstMs + turn * FRAME_MS + 5;
    const next = isThere ? frameOf(waiting.shift()?.packet, leg) : undefined;
    if (next) far.play(next, room, frame);
    else far.conceal(room);
  }
  return pcm;
}
