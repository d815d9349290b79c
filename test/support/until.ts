/** Sooner than a test's own limit: what waits in vain says so, and leaves no loop behind. */
const PATIENCE_MS = 50_000;

/** Resolves once it holds, which is looked at every few milliseconds. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what = 'it did not come to pass',
): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error(what);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
