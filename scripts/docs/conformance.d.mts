type TestsById = ReadonlyMap<string, readonly string[]>;

export function provingTests(root: string): TestsById;
export function idsIn(source: string): ReadonlySet<string>;
export function conformance(
  markdown: string,
  byId: TestsById,
): { readonly markdown: string; readonly problems: readonly string[] };
