import { setTimeout as sleep } from 'node:timers/promises';
import type { FarPhone } from '../clients/far-phone.ts';
import type { Marks, NearPhone } from '../clients/near-phone.ts';
import { spreadOf } from '../numbers.ts';
import type { Row } from '../report.ts';

/** Long enough for ICE and DTLS to be done while it rings, as with people. */
const RING_MS = 400;
const TALK_MS = 100;

export interface LatencyOptions {
  readonly subject: string;
  readonly calls: number;
}

export async function outgoingRows(
  near: NearPhone,
  far: FarPhone,
  { subject, calls }: LatencyOptions,
): Promise<readonly Row[]> {
  const times = createTimes('outgoing', subject);
  for (let call = 0; call < calls; call += 1) {
    const ringing = far.ring();
    await near.dial(far.impu);
    const rangAtMs = await ringing;
    await sleep(RING_MS);
    await far.answer();
    await Promise.all([near.heard(), far.heard()]);
    const marks = await talkAndHangUp(near, far);
    times.add('request to ringing', marks.requestedAtMs, rangAtMs);
    times.add('request to early answer', marks.requestedAtMs, marks.earlyAnswerAtMs);
    times.add('answer to first audio, browser', far.answeredAtMs, marks.firstAudioAtMs);
    times.add('answer to first audio, IMS', far.answeredAtMs, far.firstAudioAtMs);
  }
  return times.rows();
}

export async function incomingRows(
  near: NearPhone,
  far: FarPhone,
  { subject, calls }: LatencyOptions,
): Promise<readonly Row[]> {
  const times = createTimes('incoming', subject);
  for (let call = 0; call < calls; call += 1) {
    const calledAtMs = far.call(near.impu);
    await near.incoming();
    await sleep(RING_MS);
    await Promise.all([near.accept(), far.answered()]);
    await Promise.all([near.heard(), far.heard()]);
    const marks = await talkAndHangUp(near, far);
    times.add('INVITE to call.incoming', calledAtMs, marks.incomingAtMs);
    times.add('accept to answer at IMS', marks.acceptedAtMs, far.answeredAtMs);
    times.add('accept to first audio, browser', marks.acceptedAtMs, marks.firstAudioAtMs);
    times.add('accept to first audio, IMS', marks.acceptedAtMs, far.firstAudioAtMs);
  }
  return times.rows();
}

async function talkAndHangUp(near: NearPhone, far: FarPhone): Promise<Marks> {
  await sleep(TALK_MS);
  await Promise.all([near.hangUp(), far.ended()]);
  return near.marks();
}

function createTimes(direction: string, subject: string) {
  const taken = new Map<string, number[]>();
  return {
    /** A time that is missing becomes `NaN`, and shows. */
    add(name: string, fromMs = Number.NaN, toMs = Number.NaN): void {
      taken.set(name, [...(taken.get(name) ?? []), toMs - fromMs]);
    },
    rows: (): readonly Row[] =>
      [...taken].map(([name, values]) => ({
        case: `${direction}: ${name}`,
        subject,
        ...spreadOf(values),
      })),
  };
}
