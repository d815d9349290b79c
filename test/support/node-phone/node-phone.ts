import { randomUUID } from 'node:crypto';
import type { Call, CallPhase } from '../../../client/src/app/call.ts';
import { createPhone } from '../../../client/src/phone.ts';
import type { ImsPhone } from '../../../client/src/phone-api.ts';
import { NodeNetwork } from './node-network.ts';
import { HummingAudio, type Voice, WeriftPeers } from './werift-peers.ts';

export interface NodePhoneOptions {
  readonly port: number;
  readonly tenant: string;
  readonly stage?: string;
  readonly voices?: readonly Voice[];
  /** How often it says something in a call. */
  readonly frameMs?: number;
}

/** The SDK as it is in a browser, with a socket, media and a microphone that need none. */
export class NodePhone {
  readonly phone: ImsPhone;
  readonly network: NodeNetwork;
  readonly peers: WeriftPeers;
  readonly incoming: Call[] = [];
  #waiting: ((call: Call) => void)[] = [];

  constructor({ port, tenant, stage = 'local', voices, frameMs }: NodePhoneOptions) {
    this.network = new NodeNetwork(`http://localhost:${String(port)}`);
    this.peers = new WeriftPeers({ voices, frameMs });
    this.phone = createPhone(
      {
        clock: {
          nowMs: () => performance.now(),
          after(delayMs, run) {
            const timer = setTimeout(run, delayMs);
            return () => {
              clearTimeout(timer);
            };
          },
        },
        // Without chance the back-off is as short as it may be.
        ids: { next: randomUUID, fraction: () => 0 },
        openSocket: this.network.openSocket,
        createPeer: this.peers.create,
        microphone: { open: () => Promise.resolve(new HummingAudio()) },
        camera: { open: () => Promise.reject(new Error('there is none')) },
        devices: {
          list: () => Promise.resolve([]),
          chosen: () => undefined,
          choose: () => Promise.reject(new Error('there is none')),
          watch: () => () => undefined,
        },
        tones: { play: () => undefined },
        network: { watch: () => () => undefined },
      },
      { url: `ws://127.0.0.1:${String(port)}/${stage}`, tenant },
    );
    this.phone.on('incoming', (call) => {
      const waiter = this.#waiting.shift();
      if (waiter) waiter(call);
      else this.incoming.push(call);
    });
  }

  /** The next call that rings, or the one that already does. */
  rung(): Promise<Call> {
    const call = this.incoming.shift();
    if (call) return Promise.resolve(call);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.network.comeBack();
    for (const call of this.phone.calls) call.hangUp();
    this.phone.logOut();
  }
}

/** Every phase a call comes into from now on, the present one first. */
export function phasesOf(call: Call): readonly CallPhase[] {
  const phases = [call.phase];
  call.on('phase', (phase) => phases.push(phase));
  return phases;
}
