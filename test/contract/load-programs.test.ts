import { access } from 'node:fs/promises';
import { startTalkers } from '../perf/churn/talkers.ts';
import { buildTools } from '../perf/media/tools.ts';

describe('the programs that load the media plane', () => {
  it('both ends of many calls are built from the code of the plane, and start', async () => {
    const talkers = await startTalkers(20);

    expect(talkers.imsPort).toBeGreaterThan(0);
    await talkers.stop();
  });

  it('the load generator and the floor of the kernel are built', async () => {
    const tools = await buildTools();

    await expect(access(tools.generator)).resolves.toBeUndefined();
    await expect(access(tools.floorRelay)).resolves.toBeUndefined();
    await tools.close();
  });
});
