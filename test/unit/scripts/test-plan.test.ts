import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { PROJECTS, planOf } from '../../../scripts/test-plan.mjs';

describe('the plan of the tests', () => {
  it('runs every project once, what is quick before what stands on sockets', () => {
    const order = planOf(PROJECTS, { choosesFiles: true }).flatMap(({ projects }) => projects);

    expect(order).toEqual(['unit', 'conformance', 'contract', 'integration', 'infra', 'e2e']);
    expect(PROJECTS).toEqual(order);
  });

  it('lets those that hear calls out have the machine to themselves, and loses none by it', () => {
    const choosing = planOf(PROJECTS).filter(({ files }) => files.length > 0);

    expect(choosing.map(({ projects, workers }) => ({ projects, workers }))).toEqual([
      { projects: ['contract', 'integration'], workers: 4 },
      { projects: ['integration'], workers: 2 },
    ]);
    const [others, alone] = choosing.flatMap(({ files }) => files).map((it) => it.split('='));
    expect([others?.[0], alone?.[0]]).toEqual(['--testPathIgnorePatterns', '--testPathPatterns']);
    expect(alone?.[1]).toBe(others?.[1]);
    const path = `test/integration/${String(alone?.[1])}`;
    const named = readdirSync(dirname(path)).filter((it) => it.startsWith(basename(path)));
    expect(named).toHaveLength(2);
    expect(planOf(['contract']).map(({ projects }) => projects)).toEqual([['contract']]);
  });

  it('leaves out what is not wanted', () => {
    expect(planOf(['e2e', 'unit']).map(({ projects }) => projects)).toEqual([['unit'], ['e2e']]);
  });

  it('repeats a file only where sockets and browsers are', () => {
    const repeated = planOf(PROJECTS).filter(({ repeats }) => repeats);

    expect(repeated.flatMap(({ projects }) => projects)).toEqual([
      'contract',
      'integration',
      'integration',
      'e2e',
    ]);
  });
});
