import { runBench } from './bench-run.ts';
import { refusals } from './login/refusals.ts';
import type { Limit } from './report.ts';

/** SEC-1: by the time of a refusal nobody learns what was wrong. */
const LIMITS: readonly Limit[] = [
  { case: 'refused log-ins', figure: 'longestToShortestRatio', limit: 1.05, sense: 'max' },
];

await runBench('login', LIMITS, ({ quick }) => refusals(quick ? 20 : 100));
