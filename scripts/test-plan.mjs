/** The lanes of a stage go side by side, the stages one after the other. */
const STAGES = [
  [{ projects: ['unit', 'conformance'], workers: 2 }],
  // Cores and phones wait while browsers compute: together they fill two cores.
  [
    { projects: ['contract', 'e2e'], workers: 2, repeats: true },
    { projects: ['integration'], workers: 3, repeats: true },
  ],
  // The synthesis of the stacks needs all of a machine's memory: one file at a time.
  [{ projects: ['infra'], workers: 1 }],
];
/** What stands on sockets waits more than it computes: four files at a time fill two cores. */
const WORKERS_OF_A_LANE_ALONE = 4;

/** In the order of a quick verdict: what is cheap to run speaks first. */
export const PROJECTS = STAGES.flat().flatMap((lane) => lane.projects);

/** The stages of a run of these projects: lanes of `{ projects, workers, repeats }`. */
export function planOf(wanted) {
  return STAGES.map((lanes) => lanes.map((lane) => narrowed(lane, wanted)).filter(hasWork))
    .filter((lanes) => lanes.length > 0)
    .map((lanes) => (lanes.length === 1 ? lanes.map(alone) : lanes));
}

const narrowed = (lane, wanted) => ({
  repeats: false,
  ...lane,
  projects: lane.projects.filter((project) => wanted.includes(project)),
});

const hasWork = (lane) => lane.projects.length > 0;

const alone = (lane) => (lane.repeats ? { ...lane, workers: WORKERS_OF_A_LANE_ALONE } : lane);
