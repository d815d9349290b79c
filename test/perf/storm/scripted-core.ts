import { type Child, startChild } from '../processes/child.ts';
import type { Arrivals, StormRegistrarOptions } from '../processes/storm-registrar.ts';
import type { RestartingCore } from './restarting-core.ts';

const HOST = '127.0.22.1';
const REALM = 'storm.test';

const startRegistrar = (options: Omit<StormRegistrarOptions, 'host' | 'realm'>): Promise<Child> =>
  startChild('./storm-registrar.ts', {
    args: [JSON.stringify({ ...options, host: HOST, realm: REALM })],
  });

export interface ScriptedCoreOptions {
  readonly subject: string;
  /** Messages a second, before the restart and after it. */
  readonly firstCapacityPerS: number;
  readonly capacityPerS: number;
}

/** A registrar in a process of its own, as fast as it is told to be. */
export async function startScriptedCore(options: ScriptedCoreOptions): Promise<RestartingCore> {
  const { capacityPerS, firstCapacityPerS, subject } = options;
  let registrar = await startRegistrar({ port: 0, capacityPerS: firstCapacityPerS });
  const { port } = registrar.ready as { readonly port: number };
  return {
    subject,
    access: { pcscf: [{ host: HOST, port }], homeDomain: REALM },
    crash() {
      process.kill(registrar.pid, 'SIGKILL');
      return Promise.resolve();
    },
    async restart() {
      registrar = await startRegistrar({ port, capacityPerS });
    },
    arrivals: async () => (await registrar.order({ kind: 'arrivals' })) as Arrivals,
    close: () => registrar.end(),
  };
}
