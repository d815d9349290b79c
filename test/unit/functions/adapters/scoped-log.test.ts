import { setImmediate as nextTurn } from 'node:timers/promises';
import { createScopedLog } from '../../../../functions/src/adapters/scoped-log.ts';
import { RecordingLog } from '../../../support/memory-functions.ts';

describe('SEC-1: log lines of invocations that run side by side', () => {
  it('carry each the tenant of their own', async () => {
    const lines = new RecordingLog();
    const log = createScopedLog(lines);
    const invoke = (tenant: string) =>
      log.within({ tenant }, async () => {
        await nextTurn();
        log.info('at work', { for: tenant });
        await nextTurn();
        log.warn('at work', { for: tenant });
        log.error('at work', { for: tenant });
      });

    await Promise.all([invoke('acme'), invoke('other')]);
    log.info('outside');

    expect(lines.lines).toHaveLength(7);
    for (const { facts } of lines.lines) expect(facts['tenant']).toBe(facts['for']);
  });
});
