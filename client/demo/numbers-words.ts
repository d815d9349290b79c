import {
  type CallNumbers,
  type LegNumbers,
  qualityWordsOf,
  type VideoLegNumbers,
} from '../src/ims-phone.ts';

/** One line of the table: what it is, on the line of this browser, and beyond in IMS. */
export type NumbersRow = readonly [what: string, access: string, ims: string];

/** What each side hears is no better than the worse of the two lines on its way. */
export function hearingWords({ access, ims }: CallNumbers): readonly string[] {
  const hear = worseOf(ims.mos, access.far?.mos);
  const areHeard = worseOf(access.mos, ims.far?.mos);
  return [
    ...(hear === undefined ? [] : [`You hear them: ${scoreWords(hear)}`]),
    ...(areHeard === undefined ? [] : [`They hear you: ${scoreWords(areHeard)}`]),
  ];
}

/** Seen from here: `access` carries the user's voice to the node, `ims` carries it on. */
export function numbersRows({ access, ims }: CallNumbers): readonly NumbersRow[] {
  const row = (what: string, of: (leg: LegNumbers) => string): NumbersRow => [
    what,
    of(access),
    of(ims),
  ];
  return [
    row('Codec', codecWords),
    ...(access.playout || ims.playout
      ? [row('Transcoded: held, late', ({ playout }) => playoutWords(playout))]
      : []),
    ...(access.far?.measured || ims.far?.measured
      ? [
          row('Its phone says: score', ({ far }) => reportedWords(far?.measured)),
          row('Its phone says: held, late', ({ far }) => heldThereWords(far?.measured)),
        ]
      : []),
    row('Round trip', ({ roundTripMs }) => msWords(roundTripMs)),
    [
      'Your voice: lost',
      lossWords(access.packetsLost, access.packetsReceived + access.packetsLost),
      lossWords(ims.far?.packetsLost, ims.packetsSent),
    ],
    ['Your voice: jitter', msWords(access.jitterMs), msWords(ims.far?.jitterMs)],
    [
      'Your voice: carried',
      carriedWords(access.packetsReceived, access.octetsReceived),
      carriedWords(ims.packetsSent, ims.octetsSent),
    ],
    [
      'Their voice: lost',
      lossWords(access.far?.packetsLost, access.packetsSent),
      lossWords(ims.packetsLost, ims.packetsReceived + ims.packetsLost),
    ],
    ['Their voice: jitter', msWords(access.far?.jitterMs), msWords(ims.jitterMs)],
    [
      'Their voice: carried',
      carriedWords(access.packetsSent, access.octetsSent),
      carriedWords(ims.packetsReceived, ims.octetsReceived),
    ],
  ];
}

/** A reading of the numbers, and the one before it: between the two there is a rate. */
export interface Reading {
  readonly numbers: CallNumbers;
  readonly atMs: number;
}

/** Of the video, where the call has or had any. */
export function videoRows(now: Reading, before: Reading | undefined): readonly NumbersRow[] {
  const { video } = now.numbers;
  if (!video) return [];
  const { access, ims } = video;
  const rate = (leg: 'access' | 'ims', way: 'octetsReceived' | 'octetsSent'): string =>
    rateWords(video[leg][way], before?.numbers.video?.[leg][way], now.atMs - (before?.atMs ?? 0));
  return [
    ['Video', access.codec ?? '–', ims.codec ?? '–'],
    ['Video: round trip', msWords(access.roundTripMs), msWords(ims.roundTripMs)],
    ['Your picture: rate', rate('access', 'octetsReceived'), rate('ims', 'octetsSent')],
    ['Your picture: lost', lossOf(access), lossThere(ims)],
    ['Your picture: jitter', msWords(access.jitterMs), msWords(ims.far?.jitterMs)],
    [
      'Your picture: asked for again',
      requestWords(access.requestsSent),
      requestWords(ims.requestsReceived),
    ],
    ['Their picture: rate', rate('access', 'octetsSent'), rate('ims', 'octetsReceived')],
    ['Their picture: lost', lossThere(access), lossOf(ims)],
    ['Their picture: jitter', msWords(access.far?.jitterMs), msWords(ims.jitterMs)],
    [
      'Their picture: asked for again',
      requestWords(access.requestsReceived),
      requestWords(ims.requestsSent),
    ],
  ];
}

export function setUpWords({ setUp }: CallNumbers): string {
  const { answeredMs, dtlsMs, iceMs, ringingMs, soundToBrowserMs, soundToImsMs } = setUp;
  const stages: readonly (readonly [string, number | undefined])[] = [
    ['way found', iceMs],
    ['secured', dtlsMs],
    ['ringing', ringingMs],
    ['answered', answeredMs],
    ['they could hear you', soundToImsMs],
    ['you could hear them', soundToBrowserMs],
  ];
  const reached = stages.flatMap(([what, ms]) => (ms === undefined ? [] : [[what, ms] as const]));
  return [...reached]
    .sort(([, one], [, other]) => one - other)
    .map(([what, ms]) => `${what} after ${(ms / 1000).toFixed(2)} s`)
    .join(' · ');
}

function worseOf(one: number | undefined, other: number | undefined): number | undefined {
  const known = [one, other].filter((it) => it !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

const scoreWords = (mos: number): string => `${qualityWordsOf(mos)} (${mos.toFixed(1)} of 4.5)`;

/** The two ways may differ. */
function codecWords({ codec = '–', kbitPerSHeard, kbitPerSSent }: LegNumbers): string {
  const rates = new Set([kbitPerSHeard, kbitPerSSent].filter((it) => it !== undefined));
  return [codec, [...rates].join(' / ')].join(' ').trim();
}

const msWords = (ms: number | undefined): string =>
  ms === undefined ? '–' : `${ms < 10 ? ms.toFixed(1) : String(Math.round(ms))} ms`;

function lossWords(lost: number | undefined, of: number): string {
  if (lost === undefined || of === 0) return '–';
  const percent = (100 * Math.min(lost, of)) / of;
  return `${percent.toFixed(percent > 0 && percent < 10 ? 1 : 0)} %`;
}

const lossOf = ({ packetsLost, packetsReceived }: VideoLegNumbers): string =>
  lossWords(packetsLost, packetsReceived + packetsLost);

const lossThere = ({ far, packetsSent }: VideoLegNumbers): string =>
  lossWords(far?.packetsLost, packetsSent);

function rateWords(octets: number, before: number | undefined, passedMs: number): string {
  if (before === undefined || passedMs <= 0) return '–';
  return `${((8 * Math.max(0, octets - before)) / passedMs).toFixed(0)} kbit/s`;
}

const requestWords = ({ nacks, pictures }: VideoLegNumbers['requestsSent']): string =>
  `${String(nacks)} NACK, ${String(pictures)} PLI`;

const playoutWords = (playout: LegNumbers['playout']): string =>
  playout ? `${msWords(playout.delayMs)}, ${String(playout.late)} late` : '–';

type MeasuredThere = NonNullable<LegNumbers['far']>['measured'];

/** Up to 5, on its own scale: no words for it. */
const reportedWords = (measured: MeasuredThere): string =>
  (measured?.mosConversational ?? measured?.mosListening)?.toFixed(1) ?? '–';

const heldThereWords = (measured: MeasuredThere): string =>
  measured
    ? `${msWords(measured.jitterBufferMs)}, ${measured.discardPercent.toFixed(1)} % late`
    : '–';

const carriedWords = (packets: number, octets: number): string =>
  `${String(packets)} packets, ${(octets / 1000).toFixed(0)} kB`;
