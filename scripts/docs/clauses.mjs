import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `RFC 3261 §10.2.8`, `3GPP TS 24.229 §5.1.1.5, §5.1.1.7`, `TS 34.229-1 8.1`. */
const CITATION =
  /\b(?<spec>RFC \d{4}|TS \d{2}\.\d{3}(?:-\d)?)(?<places>(?: §[\w.]*\w(?:, §[\w.]*\w)*| \d+\.\d+)?)/g;
const TITLE = /\b(?:describe|it)(?:\.each)?\b[^\n]*|^\s*['`][^\n]*['`],$/gm;
const STRING = /(['"`])((?:(?!\1|\n).)*)\1/g;

/** The first that fits says what stood on the other side. */
const GROUNDS = [
  [/^(?:integration\/ims-lab|e2e\/real-core)/, 'real Kamailio P/I/S-CSCF'],
  [/^(?:integration\/sip\/|conformance\/ts34229)/, 'sockets, a scripted peer or sipp'],
  [/^integration\/(?:ims-simulator|stack|cluster)\//, 'sockets, the local IMS'],
  [/^(?:integration|contract|e2e)\//, 'sockets, real peers'],
  [/^(?:conformance|unit)\//, 'vectors and the pure machine'],
];

const groundOf = (file) => GROUNDS.find(([pattern]) => pattern.test(file))?.[1] ?? 'templates';

/** Every clause that a title names, with the tests that name it. */
export function clausesIn(files) {
  const byClause = new Map();
  for (const { path, source } of files) {
    for (const clause of new Set(citationsIn(source))) {
      byClause.set(clause, [...(byClause.get(clause) ?? []), path]);
    }
  }
  return byClause;
}

const citationsIn = (source) =>
  [...source.matchAll(TITLE)]
    .flatMap(([line]) => [...line.matchAll(STRING)].map(([, , text]) => text))
    .flatMap((title) => [...title.matchAll(CITATION)])
    .flatMap(({ groups: { places, spec } }) => {
      const wheres = places.split(',').map((it) => it.trim());
      return wheres.map((where) => (where ? `${spec} ${where}` : spec));
    });

/** The page: a row a clause, the ground it was shown on, and the tests that say so. */
export function clausePage(byClause) {
  const rows = [...byClause]
    .sort(([one], [other]) => one.localeCompare(other, 'en', { numeric: true }))
    .map(([clause, files]) => `| ${clause} | ${grounds(files)} | ${files.map(link).join(', ')} |`);
  return `# Clause by clause

The clauses that titles of tests name, and what stood on the other side when they were shown:
written by \`npm run docs\` from the tests, so that a clause without a test has no row. What a row
does not show of its clause, [the table of requirements](conformance.md) says.

| clause | shown on | by |
|---|---|---|
${rows.join('\n')}
`;
}

const grounds = (files) => [...new Set(files.map(groundOf))].join('; ');

const link = (file) => `[${file.replace(/\.test\.ts$/, '')}](../test/${file})`;

export function testSources(root) {
  return readdirSync(join(root, 'test'), { recursive: true })
    .filter((path) => path.endsWith('.test.ts') && !path.startsWith('unit/scripts/'))
    .sort()
    .map((path) => ({ path, source: readFileSync(join(root, 'test', path), 'utf8') }));
}
