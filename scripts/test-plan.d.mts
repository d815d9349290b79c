/** Projects of jest that one process runs, by so many workers. */
export interface Stage {
  readonly projects: readonly string[];
  readonly workers: number;
  /** Whether a file that fails is run once more, alone. */
  readonly repeats: boolean;
  /** Arguments of jest that choose among their files. */
  readonly files: readonly string[];
}

export const PROJECTS: readonly string[];
export function planOf(
  wanted: readonly string[],
  options?: { readonly choosesFiles?: boolean },
): readonly Stage[];
