import { PROJECTS, planOf } from '../../../scripts/test-plan.mjs';

describe('the plan of the tests', () => {
  it('runs every project once, what is quick before what stands on sockets', () => {
    const order = planOf(PROJECTS).flatMap(({ projects }) => projects);

    expect(order).toEqual(['unit', 'conformance', 'contract', 'integration', 'infra', 'e2e']);
    expect(PROJECTS).toEqual(order);
  });

  it('leaves out what is not wanted', () => {
    expect(planOf(['e2e', 'unit']).map(({ projects }) => projects)).toEqual([['unit'], ['e2e']]);
  });

  it('repeats a file only where sockets and browsers are', () => {
    const repeated = planOf(PROJECTS).filter(({ repeats }) => repeats);

    expect(repeated.flatMap(({ projects }) => projects)).toEqual([
      'contract',
      'integration',
      'e2e',
    ]);
  });
});
