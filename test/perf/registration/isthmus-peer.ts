import type { ImsAccess } from '@isthmus/shared/store/ims-access';
import { startChild } from '../processes/child.ts';
import type { Called, Registered, SipOrder } from '../processes/sip-accounts.ts';
import type { RegisteringPeer } from './registering-peer.ts';

/** The accounts of a media node on sip.js, and nothing else of it. */
export interface IsthmusPeer extends RegisteringPeer {
  heapBytes(): Promise<number>;
  /** Calls as one user; resolves with the status that ended it. */
  call(user: number, target: string): Promise<number>;
  called(): Promise<readonly Called[]>;
}

export interface IsthmusPeerOptions {
  readonly homeDomain: string;
  readonly pcscf: { readonly host: string; readonly port: number };
  readonly transport: 'tcp' | 'udp';
}

export async function startIsthmusPeer(options: IsthmusPeerOptions): Promise<IsthmusPeer> {
  const { homeDomain, pcscf, transport } = options;
  const access: ImsAccess = {
    ...{ homeDomain, transport, pcscf: [pcscf], initialAuthorization: true },
    // What is measured is the work, not the pace at which a node spares its core.
    registrationsPerS: 10_000,
  };
  const child = await startChild('./sip-accounts.ts', {});
  const order = async <T>(it: SipOrder): Promise<T> => (await child.order(it)) as T;
  const count = async (it: SipOrder): Promise<number> => {
    const { asThemselves, failures } = await order<Registered>(it);
    for (const failure of failures) process.stderr.write(`${failure}\n`);
    return asThemselves;
  };
  return {
    subject: `Isthmus over ${transport.toUpperCase()}`,
    pid: child.pid,
    register: (work) => count({ kind: 'register', access, work }),
    refresh: (work) => count({ kind: 'refresh', work }),
    heapBytes: () => order({ kind: 'heap' }),
    async call(user, target) {
      const { status } = await order<{ status?: number }>({ kind: 'call', user, target });
      return status ?? 200;
    },
    called: () => order({ kind: 'called' }),
    close: () => child.end(),
  };
}
