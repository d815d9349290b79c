import { networkInterfaces } from 'node:os';
import { ImpairmentRelay } from '../../support/impairment-relay.ts';
import { findFreePort } from '../../support/ims-lab/free-port.ts';
import { ChromiumPhone } from '../clients/chromium-phone.ts';
import type { Core } from '../cores.ts';
import { startProduct } from '../product.ts';
import type { benchWorld } from '../world.ts';
import type { NearSide } from './near-side.ts';

const HOST = '127.0.0.1';
/** Where browsers find the node when the way to it is long. */
const FAR_AWAY = '127.0.0.9';
const NAT = '127.0.0.2';
const SEED = 5;

/** The whole product, and its SDK in Chromium; media of the access leg with so much delay each way. */
export async function startIsthmusSide(
  world: ReturnType<typeof benchWorld>,
  core: Core,
  oneWayMs: number,
): Promise<NearSide> {
  const port = await findFreePort(HOST);
  const long = { ANNOUNCED_ADDRESS: FAR_AWAY, OWN_NETWORKS: ownAddresses().join(',') };
  const env = { MEDIA_PORT: String(port), ...(oneWayMs > 0 && long) };
  // The core goes on when the product ends.
  const product = await startProduct(world, { ...core, close: () => Promise.resolve() }, env);
  const relay =
    oneWayMs > 0
      ? await ImpairmentRelay.open({
          target: { address: HOST, port },
          listen: { address: FAR_AWAY, port },
          ...{ speakFrom: NAT, seed: SEED },
          ...{ toTarget: { delayMs: oneWayMs }, fromTarget: { delayMs: oneWayMs } },
        })
      : undefined;
  const phone = await ChromiumPhone.open(product, 0);
  return {
    subject: 'Isthmus, SDK in Chromium',
    dial: (target) => phone.dial(target),
    async heard() {
      await phone.heard();
      for (;;) {
        const at = await phone.firstAudioAtMs();
        if (at !== undefined) return at;
      }
    },
    received: () => phone.received(),
    hangUp: () => phone.hangUp(),
    async close() {
      await phone.close();
      await product.close();
      await relay?.close();
    },
  };
}

/** Else the node would find the browser without the long way. */
const ownAddresses = (): readonly string[] =>
  Object.values(networkInterfaces())
    .flatMap((it) => it ?? [])
    .filter((it) => !it.internal)
    .map((it) => it.address);
