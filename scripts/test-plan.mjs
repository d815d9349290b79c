/** One after the other, what is cheap to run first; the files of a stage share its workers. */
const STAGES = [
  { projects: ['unit', 'conformance'], workers: 2, repeats: false },
  // What stands on sockets waits more than it computes: four files at a time fill two cores.
  { projects: ['contract', 'integration'], workers: 4, repeats: true },
  // The synthesis of the stacks needs all of a machine's memory: one file at a time.
  { projects: ['infra'], workers: 1, repeats: false },
  { projects: ['e2e'], workers: 4, repeats: true },
];

export const PROJECTS = STAGES.flatMap(({ projects }) => projects);

/** The stages of a run of these projects. */
export const planOf = (wanted) =>
  STAGES.map((stage) => ({
    ...stage,
    projects: stage.projects.filter((project) => wanted.includes(project)),
  })).filter(({ projects }) => projects.length > 0);
