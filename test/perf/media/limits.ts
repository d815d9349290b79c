import type { Limit, Row } from '../report.ts';
import { USABLE } from './media-rows.ts';
import { NATIVE } from './relays/isthmus.ts';

const BARRED = 'Isthmus, native: ';

/** What the native plane promises, beside rtpengine and the floor in the same run. */
export const MEDIA_LIMITS: readonly Limit[] = [
  { case: `${BARRED}audio, 500 calls`, figure: 'ratioToRtpengine', limit: 0.6, sense: 'max' },
  { case: `${BARRED}audio, 500 calls`, figure: 'ratioToFloor', limit: 1.35, sense: 'max' },
  { case: `${BARRED}video, 60 calls`, figure: 'ratioToRtpengine', limit: 0.45, sense: 'max' },
  { case: `${BARRED}${USABLE}`, figure: 'timesRtpengine', limit: 1.8, sense: 'min' },
];

/** Bars are for the native plane alone; what else is in a case has none. */
export const barredRows = (rows: readonly Row[]): readonly Row[] =>
  rows.map((row) => (row.subject === NATIVE ? { ...row, case: BARRED + row.case } : row));
