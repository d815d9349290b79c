import type { Report, Row } from '../../perf/report.ts';
import { lossTables, withLossTables } from '../../perf/transcode/loss-page.ts';

const row = (name: string, subject: string, stoi: number, addedMs: number): Row => ({
  ...{ case: name, subject, stoi, addedMs },
});
const LOST = '10 % at random, 0 ms';
const REPORT: Report = {
  ...{ bench: 'loss', machine: '2 × x64, linux, Node 24', quick: false },
  rows: [
    row('0 % at random, 0 ms', 'Opus → AMR-WB', 0.85, 52),
    row(LOST, 'Opus → AMR-WB', 0.8411, 52),
    row(LOST, 'Opus → AMR', 0.8, 60),
    row(`rtpengine, ${LOST}`, 'Opus → AMR-WB', 0.778, 32),
    { case: 'STOI lost at 10 %', subject: 'Opus → AMR-WB', lostStoi: 0.007 },
  ],
  bars: [{ name: 'STOI lost', value: 0.007, limit: 0.03, sense: 'max', pass: true }],
};

describe('the page of what loss does', () => {
  it('has a line a network and a column a pair, and the same of rtpengine', () => {
    expect(lossTables(REPORT).split('\n')).toEqual([
      '| network | Opus → AMR-WB | Opus → AMR |',
      '| --- | --- | --- |',
      '| 0 % at random, 0 ms | 0.850, 52 ms |  |',
      `| ${LOST} | 0.841, 52 ms | 0.800, 60 ms |`,
      '',
      'The same packets through rtpengine:',
      '',
      '| network | Opus → AMR-WB |',
      '| --- | --- |',
      `| ${LOST} | 0.778, 32 ms |`,
      '',
      '- STOI lost 0.007, at most 0.03: met',
      '',
      '2 × x64, linux, Node 24.',
      '',
    ]);
  });

  it('has one table where rtpengine could not encode', () => {
    const rows = REPORT.rows.filter((it) => !it.case.startsWith('rtpengine'));

    expect(lossTables({ ...REPORT, rows })).not.toContain('rtpengine');
  });

  it('keeps what is around the tables, and is the same when they are written again', () => {
    const empty =
      'before\n\n<!-- npm run bench:loss -- --json | npm run docs:loss -->\n<!-- so far -->\nafter\n';

    const once = withLossTables(empty, REPORT);

    expect(once.startsWith('before\n')).toBe(true);
    expect(once.endsWith('<!-- so far -->\nafter\n')).toBe(true);
    expect(withLossTables(once, REPORT)).toBe(once);
    expect(() => withLossTables('no place', REPORT)).toThrow('no place');
  });
});
