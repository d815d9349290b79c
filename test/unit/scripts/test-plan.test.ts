import { PROJECTS, planOf } from '../../../scripts/test-plan.mjs';

describe('the plan of the tests', () => {
  it('runs every project once, what is quick before what stands on sockets', () => {
    const order = planOf(PROJECTS).flatMap((lanes) => lanes.flatMap(({ projects }) => projects));

    expect(order.toSorted()).toEqual(PROJECTS.toSorted());
    expect(order.slice(0, 2)).toEqual(['unit', 'conformance']);
  });

  it('runs what waits beside what computes', () => {
    const together = planOf(PROJECTS).find((lanes) => lanes.length > 1);

    expect(together).toMatchObject([
      { projects: ['contract', 'e2e'], workers: 2 },
      { projects: ['integration'], workers: 3 },
    ]);
  });

  it('leaves out what is not wanted, and gives the machine to a lane that is alone', () => {
    expect(planOf(['e2e', 'unit'])).toMatchObject([
      [{ projects: ['unit'], workers: 2 }],
      [{ projects: ['e2e'], workers: 4 }],
    ]);
  });

  it('repeats a file only where sockets and browsers are', () => {
    const repeated = planOf(PROJECTS)
      .flat()
      .filter(({ repeats }) => repeats);

    expect(repeated.flatMap(({ projects }) => projects)).toEqual([
      'contract',
      'e2e',
      'integration',
    ]);
  });
});
