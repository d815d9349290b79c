import { DYNAMO_ENGINES } from '../support/dynamo-engines.ts';
import { type DynamoStores, startDynamoStores } from '../support/dynamo-stores.ts';
import { MemoryClock } from '../support/memory-clock.ts';
import { createMemoryStores } from '../support/memory-stores.ts';
import { type RepositoriesUnderTest, repositoriesContract } from './repositories.contract.ts';

describe('the stores in memory', () => {
  let current: RepositoriesUnderTest;
  beforeAll(() => {
    const clock = new MemoryClock();
    current = { ...createMemoryStores(clock), clock };
  });
  repositoriesContract(() => current);
});

describe.each(DYNAMO_ENGINES)('the stores on %s', (_name, start) => {
  let current: DynamoStores;

  beforeAll(async () => {
    current = await startDynamoStores(start, 'repositories');
  });
  afterAll(() => current.close());

  repositoriesContract(() => current);
});
