import type { Report, Row } from '../report.ts';

/** Between these lines of a page the tables are written anew. */
const BEGIN = '<!-- npm run bench:loss -- --json | npm run docs:loss -->';
const END = '<!-- so far -->';
const PEER = 'rtpengine, ';
const NETWORK = / ms$/;

/** The page with the tables of a report; throws where it has no place for them. */
export function withLossTables(page: string, report: Report): string {
  const [first, last] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (first < 0 || last < first) throw new Error('the page has no place for the tables');
  return `${page.slice(0, first)}${BEGIN}\n\n${lossTables(report)}\n${page.slice(last)}`;
}

export function lossTables({ rows, bars, machine }: Report): string {
  const measured = rows.filter((it) => NETWORK.test(it.case));
  const theirs = measured
    .filter((it) => it.case.startsWith(PEER))
    .map((it) => ({ ...it, case: it.case.slice(PEER.length) }));
  return [
    table(measured.filter((it) => !it.case.startsWith(PEER))),
    ...(theirs.length > 0 ? ['The same packets through rtpengine:\n', table(theirs)] : []),
    ...bars.map(({ name, value, limit, sense, pass }) => {
      const bound = sense === 'max' ? 'at most' : 'at least';
      return `- ${name} ${String(value)}, ${bound} ${String(limit)}: ${pass ? 'met' : 'MISSED'}`;
    }),
    `\n${machine}.\n`,
  ].join('\n');
}

const distinct = (rows: readonly Row[], name: 'case' | 'subject'): readonly string[] => [
  ...new Set(rows.map((it) => it[name])),
];

/** A line a network, a column a pair. */
function table(rows: readonly Row[]): string {
  const pairs = distinct(rows, 'subject');
  const lines = distinct(rows, 'case').map((network) => [
    network,
    ...pairs.map((pair) => cellOf(rows.find((it) => it.subject === pair && it.case === network))),
  ]);
  return [['network', ...pairs], ['---', ...pairs.map(() => '---')], ...lines]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
    .concat('\n');
}

const cellOf = (row: Row | undefined): string =>
  row ? `${Number(row['stoi']).toFixed(3)}, ${String(row['addedMs'])} ms` : '';
