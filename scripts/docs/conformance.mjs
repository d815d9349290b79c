import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ID_PATTERN, REQUIREMENT_IDS } from './requirements.mjs';

const STATUSES = ['proven', 'partly', 'open'];
const ROW =
  /^\| (?<id>[A-Z]{3}-\d+) \|(?<text>[^|]*)\|(?<tests>[^|]*)\|(?<status>[^|]*)\|(?<missing>[^|]*)\|$/;
/** `REG-5 to REG-8` names four. */
const RANGE = /\b([A-Z]{3})-(\d+) to \1-(\d+)\b/g;
/** A title is a string on one line; an id in a comment proves nothing. */
const STRING = /(['"`])((?:(?!\1|\n).)*)\1/g;

/** `test/**` → the files that name a requirement in a title, by requirement. */
export function provingTests(root) {
  const byId = new Map();
  const files = readdirSync(join(root, 'test'), { recursive: true })
    // The test of this very check names requirements without proving them.
    .filter((path) => path.endsWith('.test.ts') && path !== 'unit/scripts/conformance.test.ts')
    .sort();
  for (const file of files) {
    for (const id of idsIn(readFileSync(join(root, 'test', file), 'utf8'))) {
      byId.set(id, [...(byId.get(id) ?? []), file]);
    }
  }
  return byId;
}

export const idsIn = (source) =>
  new Set(
    [...source.matchAll(STRING)].flatMap(([, , text]) => [
      ...(text.match(ID_PATTERN) ?? []),
      ...[...text.matchAll(RANGE)].flatMap(idsOfRange),
    ]),
  );

const idsOfRange = ([, area, from, to]) =>
  Array.from({ length: Number(to) - Number(from) + 1 }, (_, at) => `${area}-${Number(from) + at}`);

/** The table with its third column written anew from the tests; the rest is people's judgement. */
export function conformance(markdown, byId) {
  const problems = [];
  const seen = [];
  const lines = markdown.split('\n').map((line) => {
    const row = ROW.exec(line)?.groups;
    if (!row) return line;
    const files = byId.get(row.id) ?? [];
    seen.push(row.id);
    problems.push(...problemsOf(row, files));
    const tests = files.map((file) => `[${shortName(file)}](../test/${file})`).join(', ');
    return `| ${row.id} |${row.text}| ${tests || '–'} |${row.status}|${row.missing}|`;
  });
  for (const id of REQUIREMENT_IDS) {
    const rows = seen.filter((one) => one === id).length;
    if (rows !== 1) problems.push(`${id} has ${rows} rows`);
  }
  for (const id of [...seen, ...byId.keys()]) {
    if (!REQUIREMENT_IDS.includes(id)) problems.push(`${id} is no requirement`);
  }
  return { markdown: lines.join('\n'), problems };
}

function problemsOf({ id, missing, status: cell }, files) {
  const status = cell.trim();
  const problems = [];
  if (!STATUSES.includes(status)) problems.push(`${id}: "${status}" is no status`);
  if (status === 'proven' && files.length === 0) problems.push(`${id} is proven by no test`);
  if (status === 'open' && files.length > 0) problems.push(`${id} is open, yet tests name it`);
  if (status !== 'proven' && missing.trim().length < 3) {
    problems.push(`${id} does not say what is missing`);
  }
  return problems;
}

const shortName = (file) =>
  file
    .replace(/\.test\.ts$/, '')
    .split('/')
    .slice(-2)
    .join('/');
