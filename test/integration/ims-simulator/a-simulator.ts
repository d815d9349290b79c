import type { ImsSimulator, ImsSimulatorOptions } from '../../../local/src/ims/ims-types.ts';
import { startImsSimulator } from '../../../local/src/ims/simulator.ts';
import { type Account, RawPhone, tcpWire, udpWire } from './raw-sip-client.ts';

const domain = 'demo.example';
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined };

export const alice: Account = {
  impu: `sip:alice@${domain}`,
  impi: `alice@${domain}`,
  password: 'pw-alice',
  domain,
};
export const bob: Account = {
  impu: `sip:bob@${domain}`,
  impi: `bob@${domain}`,
  password: 'pw-bob',
  domain,
};
export const trunk: Account = {
  impu: `sip:pbx@${domain}`,
  impi: `pbx@${domain}`,
  password: 'pw-pbx',
  domain,
};

export function aSimulator(options: Partial<ImsSimulatorOptions> = {}): Promise<ImsSimulator> {
  return startImsSimulator({
    host: '127.0.0.1',
    domains: [domain],
    subscribers: [
      {
        ...alice,
        impus: [alice.impu, 'tel:+4930111', 'sip:secret@demo.example'],
        barred: ['sip:secret@demo.example'],
      },
      { ...bob, impus: [bob.impu, 'sip:+4930222@demo.example;user=phone'] },
      { ...trunk, impus: [trunk.impu, 'sip:web!.*!@demo.example'] },
    ],
    log: silent,
    ...options,
  });
}

export async function aPhone(
  simulator: ImsSimulator,
  account: Account,
  transport: 'TCP' | 'UDP' = 'TCP',
): Promise<RawPhone> {
  const wire = await (transport === 'TCP' ? tcpWire : udpWire)(simulator.sipPort);
  return new RawPhone(wire, account);
}
