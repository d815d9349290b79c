import { connectionId } from '@isthmus/shared/domain/ids';
import { once } from '../../../../functions/src/use-cases/once.ts';
import { MemoryClock } from '../../../support/memory-clock.ts';
import { MemoryRequestJournal } from '../../../support/memory-request-stores.ts';

describe('SES-8: equal requests', () => {
  const request = { tenantId: 'acme', connection: connectionId('c1'), requestId: 'r1' };
  let deps: { journal: MemoryRequestJournal; clock: MemoryClock };

  beforeEach(() => {
    deps = { journal: new MemoryRequestJournal(), clock: new MemoryClock() };
  });

  it('are worked on once, and the late one waits for the answer of the first', async () => {
    let finish: (answer: string) => void = () => undefined;
    let works = 0;
    const slow = () => {
      works += 1;
      return new Promise<string>((resolve) => {
        finish = resolve;
      });
    };

    const first = once(deps, request, slow);
    const second = once(deps, request, slow);
    await deps.clock.pause(0);
    finish('answer');

    expect(await Promise.all([first, second])).toEqual(['answer', 'answer']);
    expect(works).toBe(1);
  });

  it('do not wait for ever for a first that died', async () => {
    await deps.journal.begin(request);
    const startMs = deps.clock.nowMs();

    await expect(once(deps, request, () => Promise.resolve('late'))).rejects.toMatchObject({
      code: 'store.failed',
    });
    expect(deps.clock.nowMs() - startMs).toBeLessThan(4_000);
  });
});
