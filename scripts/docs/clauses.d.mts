export interface TestSource {
  readonly path: string;
  readonly source: string;
}

export function clausesIn(files: readonly TestSource[]): Map<string, readonly string[]>;
export function clausePage(byClause: ReadonlyMap<string, readonly string[]>): string;
export function testSources(root: string): readonly TestSource[];
