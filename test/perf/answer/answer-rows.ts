import { setTimeout as sleep } from 'node:timers/promises';
import type { FarPhone } from '../clients/far-phone.ts';
import { median, percentile, rounded } from '../numbers.ts';
import type { Limit, Row } from '../report.ts';
import type { NearSide } from './near-side.ts';

/** People are slower than ICE and DTLS. */
const RING_MS = 2_000;
const TALK_MS = 300;
/** What is under way has come by then, the long way too. */
const UNDER_WAY_MS = 400;
const LIMIT_MS = 25;
const SUBJECT = 'Isthmus, SDK in Chromium';

export const ANSWER = '200 OK to first audio';
const WITH_DELAY = `${ANSWER}, access leg 100 ms longer`;

interface Call {
  readonly browserMs: number;
  readonly imsMs: number;
  readonly lost: number;
}

export async function answerRow(
  near: NearSide,
  far: FarPhone,
  { calls, oneWayMs }: { readonly calls: number; readonly oneWayMs: number },
): Promise<Row> {
  // The first one warms up and is not counted.
  await oneCall(near, far);
  const seen: Call[] = [];
  for (let call = 0; call < calls; call += 1) seen.push(await oneCall(near, far));
  const of = (figure: (it: Call) => number) => seen.map(figure);
  return {
    case: caseOf(near.subject, oneWayMs),
    subject: near.subject,
    calls,
    browserP50Ms: rounded(median(of((it) => it.browserMs))),
    browserP95Ms: rounded(
      percentile(
        of((it) => it.browserMs),
        0.95,
      ),
    ),
    imsP50Ms: rounded(median(of((it) => it.imsMs))),
    imsP95Ms: rounded(
      percentile(
        of((it) => it.imsMs),
        0.95,
      ),
    ),
    lostPacketsOfCallee: of((it) => it.lost).reduce((sum, it) => sum + it, 0),
    lostPacketsP50: median(of((it) => it.lost)),
  };
}

/** Bars are for us alone. */
export const caseOf = (subject: string, oneWayMs: number): string => {
  const name = oneWayMs > 0 ? WITH_DELAY : ANSWER;
  return subject === SUBJECT ? `Isthmus: ${name}` : name;
};

async function oneCall(near: NearSide, far: FarPhone): Promise<Call> {
  const ringing = far.ring();
  await near.dial(far.impu);
  await ringing;
  await sleep(RING_MS);
  await far.answer();
  const [heardAtMs] = await Promise.all([near.heard(), far.heard()]);
  await sleep(TALK_MS);
  far.fallSilent();
  await sleep(UNDER_WAY_MS);
  const lost = far.packets.sent - (await near.received());
  await Promise.all([near.hangUp(), far.ended()]);
  return {
    browserMs: heardAtMs - far.answeredAtMs,
    imsMs: far.firstAudioAtMs - far.answeredAtMs,
    lost,
  };
}

const limitsOf = (oneWayMs: number): readonly Limit[] => {
  const name = caseOf(SUBJECT, oneWayMs);
  const within = (figure: string): Limit => ({
    ...{ case: name, figure, limit: LIMIT_MS + oneWayMs, sense: 'max' },
  });
  return [
    within('browserP95Ms'),
    within('imsP95Ms'),
    { case: name, figure: 'lostPacketsOfCallee', limit: 0, sense: 'max' },
  ];
};

export const ONE_WAY_MS = 50;
export const ANSWER_LIMITS: readonly Limit[] = [...limitsOf(0), ...limitsOf(ONE_WAY_MS)];
