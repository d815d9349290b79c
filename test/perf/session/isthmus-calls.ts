import type { CallsSetUp } from '../processes/calls.ts';
import { startChild } from '../processes/child.ts';
import type { CallingPeer, CallTimes } from './calling-peer.ts';
import type { CallingPeerOptions } from './janus-calls.ts';

export const WITH_PLANE = 'with its media plane';

export interface IsthmusCallsOptions extends CallingPeerOptions {
  readonly transport: 'tcp' | 'udp';
  readonly media: CallsSetUp['media'];
}

export async function startIsthmusCalls(options: IsthmusCallsOptions): Promise<CallingPeer> {
  const { registrar, users, target, transport, media } = options;
  const { domain: homeDomain, host, port } = registrar;
  const access = { homeDomain, transport, pcscf: [{ host, port }], initialAuthorization: true };
  const setUp: CallsSetUp = { access, users, target, media };
  const child = await startChild('./calls.ts', { args: [JSON.stringify(setUp)] });
  const what = media === 'still' ? 'SIP and session work' : WITH_PLANE;
  return {
    subject: `Isthmus over ${transport.toUpperCase()}, ${what}`,
    pid: child.pid,
    call: async (load) => (await child.order(load)) as CallTimes,
    close: () => child.end(),
  };
}
