/** One measurement; every number carries its unit in its name. */
export interface Row {
  readonly case: string;
  /** What was measured, with which client. */
  readonly subject: string;
  readonly [figure: string]: string | number;
}

export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly limit: number;
  readonly sense: 'max' | 'min';
  readonly pass: boolean;
}

export interface Report {
  readonly bench:
    | 'access'
    | 'answer'
    | 'call'
    | 'media'
    | 'registration'
    | 'registration-chaos'
    | 'session'
    | 'soak'
    | 'soak-media'
    | 'storm'
    | 'transcode'
    | 'video'
    | 'login'
    | 'loss';
  readonly machine: string;
  readonly quick: boolean;
  readonly rows: readonly Row[];
  readonly bars: readonly Bar[];
}

export interface Limit {
  readonly case: string;
  readonly figure: string;
  readonly limit: number;
  readonly sense: 'max' | 'min';
}

/** Every row of a limited case has its bar; a case that gave no row has one that is missed. */
export function barsOf(rows: readonly Row[], limits: readonly Limit[]): readonly Bar[] {
  return limits.flatMap((limit) => {
    const measured = rows.filter((row) => row.case === limit.case && limit.figure in row);
    if (measured.length === 0) return [barOf(limit, 'not measured', Number.NaN)];
    return measured.map((row) => barOf(limit, row.subject, Number(row[limit.figure])));
  });
}

function barOf({ limit, sense, ...at }: Limit, subject: string, value: number): Bar {
  const pass = sense === 'max' ? value <= limit : value >= limit;
  return { name: `${at.case} (${subject}): ${at.figure}`, value, limit, sense, pass };
}
