/** Paths of the lock file that node_modules lacks or has in another version. */
export function missingPackages(options: {
  readonly withDev: boolean;
  readonly root?: string;
}): readonly string[];
