import { createVoiceCodecs } from '../../../media-node/src/adapters/codecs/create-voice-codecs.ts';
import { LEGS, planOf } from '../../support/a-voice-leg.ts';
import { startChild } from '../../support/ims-lab/child.ts';
import { FarEar } from '../../support/speech/far-ear.ts';
import { tell } from '../bench-run.ts';
import { inTurn } from '../in-turn.ts';
import type { Row } from '../report.ts';
import { type LossCase, nameOf, scoresOf, speechOf } from './loss.ts';
import { type Arrival, arrivalsOf, dueOf } from './network.ts';
import { openRtpengine, type Rtpengine, rtpengineEncodes } from './rtpengine-calls.ts';

const FRAME_MS = 20;
const STEP_MS = 2;
/** After a packet is due, as in our own crossing. */
const EAR_MS = 3;
/** Until the last packets have crossed. */
const TAIL_MS = 500;
/** So few that neither it nor we are late for want of a processor. */
const AT_A_TIME = 12;

interface Crossing extends LossCase {
  readonly said: Int16Array;
  readonly sent: Arrival[];
  readonly heard: Arrival[];
  readonly lateMs: number[];
  send(packet: Uint8Array): void;
  close(): void;
}

/** The same speech with the same losses through rtpengine, in real time, to the same ear. */
export async function rtpengineLossRows(cases: readonly LossCase[]): Promise<readonly Row[]> {
  const able = cases.filter((it) => rtpengineEncodes(it.phone));
  if (able.length === 0) return [];
  // As it sounds is asked, not how fast it is: no processor is its own.
  const engine = await openRtpengine((command, args) => startChild({ command, args, cwd: '/' }));
  try {
    const rows: Row[] = [];
    for (let first = 0; first < able.length; first += AT_A_TIME) {
      tell(`${String(first)} of ${String(able.length)} through rtpengine`);
      rows.push(...(await rowsOf(engine, able.slice(first, first + AT_A_TIME))));
    }
    return rows;
  } finally {
    await engine.stop();
  }
}

async function rowsOf(engine: Rtpengine, cases: readonly LossCase[]): Promise<readonly Row[]> {
  const crossings: Crossing[] = [];
  await inTurn(cases, 1, async (it) => {
    crossings.push(await aCrossing(engine, it));
  });
  const startMs = await cross(crossings);
  return crossings.map((it) => rowOf(it, startMs));
}

async function aCrossing(engine: Rtpengine, of: LossCase): Promise<Crossing> {
  const ims = LEGS[of.phone];
  const { rateHz } = planOf(ims);
  const call = await engine.open(LEGS.opus, ims);
  const leg = of.from === 'browser' ? LEGS.opus : { ...ims, arriving: call.phonePayload };
  const { said, packets } = speechOf(leg, rateHz);
  const sent = arrivalsOf(packets, of.network);
  const heard: Arrival[] = [];
  call.onPacket(of.from === 'browser' ? 'ims' : 'browser', (packet) => {
    heard.push({ packet: Uint8Array.from(packet), atMs: performance.now() });
  });
  return {
    ...{ ...of, said, sent, heard, lateMs: [] },
    send: (packet) => {
      call.send(of.from, packet);
    },
    close: () => {
      call.close();
    },
  };
}

/** When it began. */
async function cross(crossings: readonly Crossing[]): Promise<number> {
  const lastMs = Math.max(...crossings.map(({ sent }) => sent.at(-1)?.atMs ?? 0)) + TAIL_MS;
  const startMs = performance.now();
  for (let nowMs = 0; nowMs < lastMs; nowMs = performance.now() - startMs) {
    for (const crossing of crossings) {
      for (const { packet, atMs } of dueOf(crossing.sent, nowMs)) {
        crossing.send(packet);
        crossing.lateMs.push(performance.now() - startMs - atMs);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
  for (const crossing of crossings) crossing.close();
  return startMs;
}

function rowOf({ phone, from, network, said, heard, lateMs }: Crossing, startMs: number): Row {
  const { rateHz } = planOf(LEGS[phone]);
  const to = from === 'browser' ? LEGS[phone] : LEGS.opus;
  const ear = new FarEar(to, createVoiceCodecs(), rateHz);
  const pcm = new Int16Array(said.length);
  const samples = rateHz / 50;
  const waiting = heard.map(({ packet, atMs }) => ({ packet, atMs: atMs - startMs }));
  for (let turn = 0; (turn + 1) * samples <= pcm.length; turn += 1) {
    const nowMs = (turn + 1) * FRAME_MS + EAR_MS;
    for (const { packet, atMs } of dueOf(waiting, nowMs)) ear.take(packet, atMs);
    ear.hear(pcm.subarray(turn * samples, (turn + 1) * samples), nowMs);
  }
  lateMs.sort((a, b) => a - b);
  return {
    case: `rtpengine, ${nameOf(network)}`,
    subject: from === 'browser' ? `Opus → ${phone}` : `${phone} → Opus`,
    ...scoresOf(said, pcm, rateHz),
    ...{ farConcealed: ear.counts.lost, farLate: ear.counts.late },
    // How late we sent, in the worst hundredth: what a busy machine added.
    sentLateMs: Number((lateMs[Math.floor(lateMs.length * 0.99)] ?? 0).toFixed(1)),
  };
}
