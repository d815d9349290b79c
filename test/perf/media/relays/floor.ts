import { ACCESS_PEER_PORT, IMS_PEER_PORT } from '../keys.ts';
import { pinned, type RelaySubject, untilSaid } from '../relay.ts';
import type { Tools } from '../tools.ts';

export const FLOOR = 'kernel floor, no cryptography';
const PORTS = [21_000, 21_001] as const;

/** What no relay that goes through the kernel's UDP can be cheaper than. */
export const floorSubject = ({ floorRelay }: Tools): RelaySubject => ({
  name: FLOOR,
  suite: 'none',
  ramp: 'native',
  async start(calls) {
    const [accessPort, imsPort] = PORTS;
    const ports = [accessPort, imsPort, ACCESS_PEER_PORT, IMS_PEER_PORT];
    const child = await pinned(floorRelay, ports.map(String));
    await untilSaid(child, 'ready');
    const call = { accessPort, imsPort, key: '-' };
    return {
      pid: child.pid,
      calls: Array.from({ length: calls }, () => call),
      stop: () => child.stop(),
    };
  },
});
