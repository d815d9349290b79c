import { NetworkNamespace } from '../../support/network-namespace.ts';
import { ChromiumPhone } from './chromium.ts';

/** Both ways, between the browser and the node. */
export const BAD = {
  lossShare: 0.03,
  bursts: { share: 0.005, packets: 3 },
  delayMs: 40,
  jitterMs: 20,
  reorderShare: 0.02,
};

export interface PhoneAway {
  readonly phone: ChromiumPhone;
  readonly network: NetworkNamespace;
  close(): Promise<void>;
}

/** A browser in a network of its own, whose only way to the node is what listens at our end of its wire. */
export async function aPhoneAway(): Promise<PhoneAway> {
  const network = await NetworkNamespace.open();
  try {
    const phone = await ChromiumPhone.open({ network });
    return {
      phone,
      network,
      async close() {
        await phone.close();
        await network.close();
      },
    };
  } catch (cause) {
    await network.close();
    throw cause;
  }
}
