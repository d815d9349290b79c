import { readFileSync, writeFileSync } from 'node:fs';
import type { Report } from './report.ts';
import { withLossTables } from './transcode/loss-page.ts';

/** Writes the report on its standard input, of `bench:loss -- --json`, into the page that is named. */
const [page = ''] = process.argv.slice(2);
// Before it npm says what it runs.
const line = readFileSync(0, 'utf8').trim().split('\n').at(-1) ?? '';
const report = JSON.parse(line) as Report;
writeFileSync(page, withLossTables(readFileSync(page, 'utf8'), report));
