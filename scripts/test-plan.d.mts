/** Projects of jest that one process runs, by so many workers. */
export interface Stage {
  readonly projects: readonly string[];
  readonly workers: number;
  /** Whether a file that fails is run once more, alone. */
  readonly repeats: boolean;
}

export const PROJECTS: readonly string[];
export function planOf(wanted: readonly string[]): readonly Stage[];
