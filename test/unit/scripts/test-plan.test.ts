import { existsSync } from 'node:fs';
import { PROJECTS, planOf } from '../../../scripts/test-plan.mjs';

describe('the plan of the tests', () => {
  it('runs every project once, what is quick before what stands on sockets', () => {
    const order = planOf(PROJECTS, { choosesFiles: true }).flatMap(({ projects }) => projects);

    expect(order).toEqual(['unit', 'conformance', 'contract', 'integration', 'infra', 'e2e']);
    expect(PROJECTS).toEqual(order);
  });

  it('leaves the file alone that hears calls out, and loses none by it', () => {
    const choosing = planOf(PROJECTS).filter(({ files }) => files.length > 0);

    expect(choosing.map(({ projects, workers }) => ({ projects, workers }))).toEqual([
      { projects: ['contract', 'integration'], workers: 4 },
      { projects: ['integration'], workers: 1 },
    ]);
    const [others, one] = choosing.flatMap(({ files }) => files).map((it) => it.split('='));
    expect([others?.[0], one?.[0]]).toEqual(['--testPathIgnorePatterns', '--testPathPatterns']);
    expect(one?.[1]).toBe(others?.[1]);
    expect(existsSync(`test/integration/${String(one?.[1])}.test.ts`)).toBe(true);
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
