import { percentile, rounded, toHundredth } from '../numbers.ts';
import type { Limit, Row } from '../report.ts';

export const SET_UP = 'ICE and DTLS of a call';
const NATIVE = 'Isthmus, native';
const BARRED = 'native set-up beside Janus';
const BESIDE = 'set-up beside Janus';

/** No dearer than Janus in the same run. */
export const ACCESS_LIMITS: readonly Limit[] = [
  { case: BARRED, figure: 'cpuShareOfSetUp', limit: 1, sense: 'max' },
];

export const accessRows = (
  subject: string,
  seen: {
    readonly calls: number;
    readonly cpuMs: number;
    readonly elapsedS: number;
    readonly tookMs: readonly number[];
  },
): Row => {
  const cpuMsPerSetUp = toHundredth(seen.cpuMs / seen.calls);
  return {
    ...{ case: SET_UP, subject, calls: seen.calls, cpuMsPerSetUp },
    // By division: the clients are slower than that.
    setUpsPerSAndCore: rounded(1_000 / cpuMsPerSetUp),
    reachedPerS: rounded(seen.calls / seen.elapsedS),
    p50Ms: rounded(percentile(seen.tookMs, 0.5)),
    p95Ms: rounded(percentile(seen.tookMs, 0.95)),
  };
};

export function besideJanus(rows: readonly Row[]): readonly Row[] {
  const isJanus = ({ subject }: Row): boolean => subject.startsWith('Janus');
  const theirs = Number(rows.find(isJanus)?.['cpuMsPerSetUp']);
  return rows
    .filter((row) => !(isJanus(row) || 'error' in row))
    .map((row) => ({
      case: row.subject === NATIVE ? BARRED : BESIDE,
      subject: row.subject,
      cpuShareOfSetUp: toHundredth(Number(row['cpuMsPerSetUp']) / theirs),
    }));
}
