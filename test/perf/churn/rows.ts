import { spreadOf, toHundredth } from '../numbers.ts';
import type { ProcessCount } from '../os-usage.ts';
import type { Limit, Row } from '../report.ts';
import type { Churned } from './churn.ts';
import type { PlaneCount } from './subject.ts';
import type { Heard } from './talkers.ts';

export const SET_UPS = 'calls that came and went';
export const HELD = 'calls held';
export const GROWTH = 'growth while calls came and went';
export const LEFT = 'left behind by all calls';
export const PORTS = 'pairs of ports';
const KIB = 1_024;
/** A leak of 128 octets a call is more in fifteen minutes; the heaps of both breathe by less. */
const GROWN_KIB = 2_048;

const atMost = (name: string, figure: string, limit: number): Limit => ({
  ...{ case: name, figure, limit },
  sense: 'max',
});

export const CHURN_LIMITS: readonly Limit[] = [
  ...[SET_UPS, HELD].flatMap((name) => [
    atMost(name, 'failed', 0),
    atMost(name, 'silent', 0),
    atMost(name, 'misdirected', 0),
  ]),
  atMost(HELD, 'lost', 0),
  atMost(GROWTH, 'grownKiB', GROWN_KIB),
  atMost(GROWTH, 'more', 0),
  atMost(LEFT, 'more', 0),
  atMost(PORTS, 'missing', 0),
];

/** Whether one side missed more than half of what the other said. */
export const isSilent = ({
  sentByBrowser,
  heardByIms,
  sentByIms,
  heardByBrowser,
}: Heard): boolean => heardByIms * 2 <= sentByBrowser || heardByBrowser * 2 <= sentByIms;

export function talkRow(name: string, { setUpMs, heard, failures }: Churned): Row {
  const sum = (of: (it: Heard) => number): number => heard.reduce((all, it) => all + of(it), 0);
  const sent = sum((it) => it.sentByBrowser + it.sentByIms);
  const arrived = sum((it) => it.heardByBrowser + it.heardByIms);
  const failed = failures.length;
  return {
    ...{ case: name, subject: 'native', calls: heard.length, failed },
    // A call that failed was never connected, and so said nothing.
    silent: Math.max(0, heard.filter(isSilent).length - failed),
    misdirected: sum((it) => it.misdirected),
    ...{ packets: sent, lostPercent: toHundredth(((sent - arrived) * 100) / Math.max(1, sent)) },
    ...spreadOf(setUpMs),
  };
}

const KINDS = { threads: 'threads', sockets: 'sockets', openFiles: 'open files' } as const;

/** With the same calls held before and after. */
export function growthRows(before: PlaneCount, after: PlaneCount, calls: number): readonly Row[] {
  const memory = (subject: string, had: number, has: number): Row => ({
    ...{ case: GROWTH, subject, beforeKiB: Math.round(had / KIB), afterKiB: Math.round(has / KIB) },
    ...{ grownKiB: Math.round((has - had) / KIB), bytesPerCall: Math.round((has - had) / calls) },
  });
  return [
    memory(
      'heap of the media process',
      before.mediaProcess.heapBytes,
      after.mediaProcess.heapBytes,
    ),
    memory('memory of the worker', before.worker.anonymousBytes, after.worker.anonymousBytes),
    ...moreRows(GROWTH, before, after),
  ];
}

export function moreRows(name: string, before: PlaneCount, after: PlaneCount): readonly Row[] {
  const rows = (process: string, had: ProcessCount, has: ProcessCount): readonly Row[] =>
    (Object.keys(KINDS) as (keyof typeof KINDS)[]).map((kind) => ({
      ...{ case: name, subject: `${process}: ${KINDS[kind]}`, before: had[kind], after: has[kind] },
      more: has[kind] - had[kind],
    }));
  return [
    ...rows('media process', before.mediaProcess, after.mediaProcess),
    ...rows('worker', before.worker, after.worker),
  ];
}

export const portsRow = (pairs: number, free: number): Row => ({
  ...{ case: PORTS, subject: 'native', pairs, free, missing: pairs - free },
});
