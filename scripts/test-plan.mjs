/** Hear calls out as they are spoken, and judge how late and how well: nothing else runs beside. */
const HEARD_OUT = '(speech-from-|echo-in-time|media/bad-network.test)';

/** One after the other, what is cheap to run first; the files of a stage share its workers. */
const STAGES = [
  { projects: ['unit', 'conformance'], workers: 2, repeats: false },
  // What stands on sockets waits more than it computes: four files at a time fill two cores.
  {
    projects: ['contract', 'integration'],
    workers: 4,
    repeats: true,
    files: `--testPathIgnorePatterns=${HEARD_OUT}`,
  },
  {
    projects: ['integration', 'e2e'],
    workers: 2,
    repeats: true,
    files: `--testPathPatterns=${HEARD_OUT}`,
    isPart: true,
  },
  // The synthesis of the stacks needs all of a machine's memory: one file at a time.
  { projects: ['infra'], workers: 1, repeats: false },
  // Browsers compute more than they wait.
  {
    projects: ['e2e'],
    workers: 3,
    repeats: true,
    files: `--testPathIgnorePatterns=${HEARD_OUT}`,
  },
];

export const PROJECTS = STAGES.filter(({ isPart }) => !isPart).flatMap(({ projects }) => projects);

/** The stages of a run of these projects; who chooses files himself has them all in one. */
export const planOf = (wanted, { choosesFiles = false } = {}) =>
  STAGES.filter(({ isPart }) => !(isPart && choosesFiles))
    .map(({ projects, workers, repeats, files }) => ({
      projects: projects.filter((project) => wanted.includes(project)),
      workers,
      repeats,
      files: choosesFiles || files === undefined ? [] : [files],
    }))
    .filter(({ projects }) => projects.length > 0);
