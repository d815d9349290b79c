import { toHundredth } from '../numbers.ts';
import { JANUS } from '../registration/janus-peer.ts';
import type { Row } from '../report.ts';
import { WITH_PLANE } from './isthmus-calls.ts';
import { BESIDE_JANUS, PLANE_BESIDE_JANUS } from './limits.ts';
import { CALL } from './session-rows.ts';

/** Our CPU of a call over that of Janus, in the same run. */
export function besideJanus(rows: readonly Row[]): readonly Row[] {
  const calls = rows.filter((row) => row.case === CALL);
  const theirs = calls.find(({ subject }) => subject === JANUS);
  return calls
    .filter((row) => row !== theirs)
    .map((row) => ({
      case: row.subject.endsWith(WITH_PLANE) ? PLANE_BESIDE_JANUS : BESIDE_JANUS,
      subject: row.subject,
      cpuShareOfCall: toHundredth(Number(row['cpuMs']) / Number(theirs?.['cpuMs'])),
      cpuShareWithoutIdle: toHundredth(
        Number(row['cpuMsWithoutIdle']) / Number(theirs?.['cpuMsWithoutIdle']),
      ),
    }));
}
