import { readdirSync } from 'node:fs';
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
      { projects: ['integration', 'e2e'], workers: 2 },
      { projects: ['e2e'], workers: 3 },
    ]);
    const [others, alone, rest] = choosing.flatMap(({ files }) => files).map((it) => it.split('='));
    expect(others?.[0]).toBe('--testPathIgnorePatterns');
    expect(alone).toEqual(['--testPathPatterns', others?.[1]]);
    expect(rest).toEqual(others);
    const files = readdirSync('test', { recursive: true, encoding: 'utf8' });
    const hearing = new RegExp(`${String(alone?.[1])}.*\\.ts$`);
    expect(files.filter((it) => hearing.test(it)).sort()).toEqual([
      'e2e/echo-in-time.test.ts',
      'integration/ims-lab/speech-from-browser.test.ts',
      'integration/ims-lab/speech-from-phone.test.ts',
      'integration/media/bad-network.test.ts',
    ]);
    expect(planOf(['contract']).map(({ projects }) => projects)).toEqual([['contract']]);
  });

  it('leaves out what is not wanted', () => {
    expect(planOf(['conformance', 'unit']).map(({ projects }) => projects)).toEqual([
      ['unit', 'conformance'],
    ]);
    expect(planOf(['e2e', 'unit']).map(({ projects }) => projects)).toEqual([
      ...[['unit'], ['e2e'], ['e2e']],
    ]);
  });

  it('repeats a file only where sockets and browsers are', () => {
    const repeated = planOf(PROJECTS).filter(({ repeats }) => repeats);

    expect(repeated.flatMap(({ projects }) => projects)).toEqual([
      'contract',
      'integration',
      'integration',
      'e2e',
      'e2e',
    ]);
  });
});
