import { median, toHundredth } from '../numbers.ts';
import type { Row } from '../report.ts';
import { AGAINST_JANUS } from './limits.ts';
import { FIRST, REFRESH } from './registration-rows.ts';

/** The rounds' rows made one: the median of each figure. What failed once has an error to tell. */
export function mediansOf(rounds: readonly (readonly Row[])[]): readonly Row[] {
  const [first = []] = rounds;
  return first.map((row) => {
    const same = rounds.flatMap((rows) =>
      rows.filter((it) => it.case === row.case && it.subject === row.subject),
    );
    const figures = Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'number' ? median(same.map((it) => Number(it[name]))) : value,
    ]);
    const error = same.find((it) => it['error'] !== undefined)?.['error'];
    return {
      ...{ ...row, ...(Object.fromEntries(figures) as object), rounds: same.length },
      ...(error === undefined ? {} : { error }),
    };
  });
}

/** Ours over theirs, of the same run. */
export function againstJanus(ours: readonly Row[], theirs: readonly Row[]): readonly Row[] {
  const subjects = new Set(ours.map(({ subject }) => subject));
  return [...subjects].map((subject) => {
    const own = ours.filter((row) => row.subject === subject);
    const share = (name: string, figure: string): number =>
      toHundredth(figureOf(own, name, figure) / figureOf(theirs, name, figure));
    return {
      ...{ case: AGAINST_JANUS, subject },
      cpuShareOfRegistration: share(FIRST, 'cpuMs'),
      cpuShareOfRegistrationWithoutIdle: share(FIRST, 'cpuMsWithoutIdle'),
      cpuShareOfRefresh: share(REFRESH, 'cpuMs'),
      cpuShareOfRefreshRequest: toHundredth(perRequest(own) / perRequest(theirs)),
      timesItsRate: share(FIRST, 'perS'),
    };
  });
}

const perRequest = (rows: readonly Row[]): number =>
  figureOf(rows, REFRESH, 'cpuMsWithoutIdle') / figureOf(rows, REFRESH, 'requests');

const figureOf = (rows: readonly Row[], name: string, figure: string): number =>
  Number(rows.find((row) => row.case === name)?.[figure]);
