import { WireClient } from '../clients/wire-client.ts';
import { startRealCore } from '../cores.ts';
import { inTurn, range } from '../in-turn.ts';
import { toHundredth } from '../numbers.ts';
import { startProduct } from '../product.ts';
import type { Row } from '../report.ts';
import { benchWorld } from '../world.ts';
import { AT_A_TIME, type RegistrationPlan } from './plan.ts';

const FAR_PHONES = 0;

/** Log-in and registration from the browser's WebSocket to the core and back. */
export async function productRows({ browsers }: RegistrationPlan): Promise<readonly Row[]> {
  const world = benchWorld(browsers, FAR_PHONES);
  const product = await startProduct(world, await startRealCore(world));
  const { mediaNode, signalling } = product;
  try {
    const cpuMs = async () => [await mediaNode.ask('cpu'), await signalling.ask('cpu')] as const;
    const [before, startedMs] = [await cpuMs(), performance.now()];
    await inTurn(range(browsers), AT_A_TIME, async (index) => {
      await WireClient.open(product, index);
    });
    const [after, tookMs] = [await cpuMs(), performance.now() - startedMs];
    const perS = toHundredth((browsers / tookMs) * 1_000);
    return (['media node', 'gateway, functions and DynamoDB in one process'] as const).map(
      (subject, at) => ({
        ...{ case: 'registration through the whole product', subject, users: browsers, perS },
        cpuMs: toHundredth(((after[at]?.cpuMs ?? 0) - (before[at]?.cpuMs ?? 0)) / browsers),
      }),
    );
  } finally {
    await product.close();
  }
}
