import { readFileSync } from 'node:fs';
import { createNativeMediaPlane } from '../../../media-node/src/adapters/native/native-media-plane.ts';
import { systemClock } from '../../../media-node/src/adapters/time/system-clock.ts';
import type { Log } from '../../../media-node/src/ports/log.ts';
import type { MediaEvent } from '../../../media-node/src/ports/media-plane.ts';
import { callId } from '../../../shared/src/domain/ids.ts';
import { mediaAddon } from '../../support/media-addon.ts';
import { until } from '../../support/until.ts';
import { CountingMetrics, labOptions, realIds } from './a-media-node.ts';

/** Children of this very process, as the kernel lists them. */
const children = (): readonly number[] => {
  const { pid } = process;
  const listed = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8');
  return listed.trim().split(' ').filter(Boolean).map(Number);
};

const isWorker = (pid: number): boolean =>
  readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').includes('native-worker');

async function aPlane(workers: number) {
  const said: string[] = [];
  const note = (message: string): void => {
    said.push(message);
  };
  const log: Log = { debug: note, info: note, warn: note, error: note, with: () => log };
  const metrics = new CountingMetrics();
  const deps = { clock: systemClock, ids: realIds, metrics, log };
  const plane = await createNativeMediaPlane(deps, { ...labOptions, addon: mediaAddon(), workers });
  return { plane, said, metrics };
}

describe('SEC-4: a media worker that dies', () => {
  it('takes its own calls along, says so, and is replaced', async () => {
    const { plane, said, metrics } = await aPlane(2);
    const events = new Map<string, MediaEvent[]>();
    const calls = [];
    for (const id of ['call-0001', 'call-0002', 'call-0003', 'call-0004']) {
      const heard: MediaEvent[] = [];
      events.set(id, heard);
      calls.push(await plane.open(callId(id), (event) => heard.push(event)));
    }
    const ports = new Set(calls.map((call) => call.access.candidates[0]));
    const [victim] = children().filter(isWorker);

    process.kill(victim ?? 0, 'SIGSEGV');
    await until(() => said.includes('media worker replaced'));

    const lost = [...events.values()].filter((heard) => heard.length > 0);
    expect(ports.size).toBe(2);
    expect(lost).toEqual([
      [{ kind: 'access-failed', reason: 'the media worker ended' }],
      [{ kind: 'access-failed', reason: 'the media worker ended' }],
    ]);
    expect(said).toContain('media worker ended');
    expect(metrics.counts.get('media_worker_ended')).toBe(1);
    const another = await Promise.all(
      [1, 2, 3, 4].map((at) => plane.open(callId(`call-100${String(at)}`), () => undefined)),
    );
    expect(new Set(another.map((call) => call.access.candidates[0])).size).toBe(2);
    await Promise.all([...calls, ...another].map((call) => call.close()));
    await plane.close();
    expect(children().filter(isWorker)).toEqual([]);
  });
});
