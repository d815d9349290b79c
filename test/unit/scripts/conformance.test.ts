import { conformance, idsIn } from '../../../scripts/docs/conformance.mjs';
import { REQUIREMENT_IDS } from '../../../scripts/docs/requirements.mjs';

const FILE = 'unit/a.test.ts';
const aTable = (change: Readonly<Record<string, string>> = {}) =>
  REQUIREMENT_IDS.map((id) => change[id] ?? `| ${id} | text | | open | all of it |`).join('\n');
const problemsOf = (table: string, tests: Readonly<Record<string, readonly string[]>> = {}) =>
  conformance(table, new Map(Object.entries(tests))).problems;

describe('the conformance table', () => {
  it('is in order when every row says what the tests say', () => {
    const table = aTable({ 'REG-3': '| REG-3 | text | | proven | |' });

    expect(problemsOf(table, { 'REG-3': [FILE] })).toEqual([]);
  });

  it('lists the tests that name a requirement', () => {
    const table = aTable({ 'REG-3': '| REG-3 | text | | proven | |' });

    const { markdown } = conformance(table, new Map([['REG-3', [FILE]]]));

    expect(markdown).toContain('| REG-3 | text | [unit/a](../test/unit/a.test.ts) | proven | |');
  });

  it.each([
    ['claims a proof without a test', { 'REG-3': '| REG-3 | t | | proven | |' }, {}],
    ['calls open what tests name', {}, { 'REG-3': [FILE] }],
    ['does not say what is missing', { 'REG-3': '| REG-3 | t | | partly | |' }, {}],
    ['has a status of its own', { 'REG-3': '| REG-3 | t | | nearly | x y |' }, {}],
    ['lacks a row', { 'REG-3': '' }, {}],
    ['does not know a requirement that a test names', {}, { 'REG-99': [FILE] }],
  ])('is refused when it %s', (_, rows, tests) => {
    expect(problemsOf(aTable(rows), tests)).toHaveLength(1);
  });
});

describe('the requirements that a test names', () => {
  it('are those in its titles, and not those in its comments', () => {
    const source = ["describe('REG-3 and SEC-1: a token', () => {", '// SES-8 is elsewhere'];

    expect([...idsIn(source.join('\n'))]).toEqual(['REG-3', 'SEC-1']);
  });

  it('are all of a range', () => {
    expect([...idsIn("'REG-5 to REG-7: the machine'")].sort()).toEqual(['REG-5', 'REG-6', 'REG-7']);
  });
});
