import type { DemoWorld } from '../../local/src/demo-world.ts';
import { startImsSimulator } from '../../local/src/ims/simulator.ts';
import { startImsLab } from '../support/ims-lab/ims-lab.ts';
import { DOMAIN } from './world.ts';

/** An IMS core that knows the subscribers of a world. */
export interface Core {
  readonly pcscf: { readonly host: string; readonly port: number };
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined };

/** In this process, with the clients. */
export async function startSimulatedCore({ subscribers }: DemoWorld): Promise<Core> {
  const options = { host: HOST, domains: [DOMAIN], subscribers, log: silent };
  const simulator = await startImsSimulator(options);
  return { pcscf: { host: HOST, port: simulator.sipPort }, close: () => simulator.close() };
}

/** Kamailio as P-, I- and S-CSCF; its HSS is in this process. */
export async function startRealCore({ subscribers }: DemoWorld): Promise<Core> {
  const lab = await startImsLab({ subscribers });
  return { pcscf: lab.pcscf, close: () => lab.stop() };
}
