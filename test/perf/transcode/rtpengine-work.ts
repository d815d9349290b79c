import { createVoiceCodecs } from '../../../media-node/src/adapters/codecs/create-voice-codecs.ts';
import type { VoiceLeg } from '../../../media-node/src/ports/transcoder.ts';
import { LEGS, planOf } from '../../support/a-voice-leg.ts';
import { packetsOf } from '../../support/speech/packets-of.ts';
import { repeated, spoken, VOICES } from '../../support/speech/voices.ts';
import { inTurn, range } from '../in-turn.ts';
import { cpuMsOf } from '../os-usage.ts';
import type { Row } from '../report.ts';
import { openRtpengine, type PeerCall, rtpengineEncodes } from './rtpengine-calls.ts';

const FRAME_MS = 20;
const WARM_UP_FRAMES = 50;

export interface PeerWork {
  readonly phone: keyof typeof LEGS;
  readonly calls: number;
  readonly seconds: number;
}

const sleepUntil = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, ms - performance.now())));

/** Both directions of all calls in real time; `onWarm` when the measured part begins. */
async function speak(
  calls: readonly PeerCall[],
  streams: { readonly browser: readonly Uint8Array[]; readonly ims: readonly Uint8Array[] },
  { frames, onWarm }: { readonly frames: number; readonly onWarm: () => Promise<void> },
): Promise<void> {
  const startMs = performance.now();
  for (let frame = 0; frame < WARM_UP_FRAMES + frames; frame += 1) {
    if (frame === WARM_UP_FRAMES) await onWarm();
    for (const call of calls) {
      for (const leg of ['browser', 'ims'] as const) {
        const packet = streams[leg][frame % streams[leg].length];
        if (packet) call.send(leg, packet);
      }
    }
    await sleepUntil(startMs + (frame + 1) * FRAME_MS);
  }
}

/** CPU of rtpengine as a whole for calls of a pair: sockets, codecs, packets. */
async function peerCpuUs(browser: VoiceLeg, ims: VoiceLeg, { calls, seconds }: PeerWork) {
  const engine = await openRtpengine();
  try {
    const codecs = createVoiceCodecs();
    const { rateHz } = planOf(ims);
    const live: PeerCall[] = [];
    await inTurn(range(calls), 1, async (at) => {
      live[at] = await engine.open(browser, ims);
    });
    let received = 0;
    for (const call of live) call.onPacket('ims', () => (received += 1));
    const [said, other] = VOICES.slice(0, 2).map((it) => repeated(spoken(it, rateHz), 3));
    const arriving = live[0]?.phonePayload ?? ims.arriving;
    const streams = {
      browser: packetsOf(browser, said ?? new Int16Array(0), { codecs, rateHz }),
      ims: packetsOf({ ...ims, arriving }, other ?? new Int16Array(0), { codecs, rateHz }),
    };
    let beforeMs = 0;
    const frames = seconds * 50;
    await speak(live, streams, {
      frames,
      onWarm: async () => {
        beforeMs = await cpuMsOf(engine.pid);
        received = 0;
      },
    });
    const cpuMs = (await cpuMsOf(engine.pid)) - beforeMs;
    for (const call of live) call.close();
    return {
      cpuPerCallUs: Math.round((cpuMs * 1000) / (frames * calls)),
      packetsPerCallPerS: Math.round(received / calls / seconds),
    };
  } finally {
    await engine.stop();
  }
}

/**
 * rtpengine beside us: what a pair costs it, without what the same packets cost it passed through.
 * Our own figure has no sockets either.
 */
export async function rtpengineRows(work: PeerWork, oursUs: number): Promise<readonly Row[]> {
  const subject = `rtpengine, Opus ↔ ${work.phone}`;
  if (!rtpengineEncodes(work.phone)) {
    return [{ case: 'rtpengine', subject, says: 'its libavcodec cannot encode that' }];
  }
  const whole = await peerCpuUs(LEGS.opus, LEGS[work.phone], work);
  const passed = await peerCpuUs(LEGS.PCMA, LEGS.PCMA, work);
  const codecUs = whole.cpuPerCallUs - passed.cpuPerCallUs;
  const ratio = Number((oursUs / codecUs).toFixed(2));
  return [
    { case: 'rtpengine', subject, calls: work.calls, ...whole },
    { case: 'rtpengine', subject: 'rtpengine, PCMA passed through', calls: work.calls, ...passed },
    { case: 'beside rtpengine', subject: `Opus ↔ ${work.phone}`, codecUs, oursUs, ratio },
  ];
}
