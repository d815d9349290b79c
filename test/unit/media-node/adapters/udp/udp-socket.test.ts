import { setImmediate as nextTurn } from 'node:timers/promises';
import { bindUdp } from '../../../../../media-node/src/adapters/udp/udp-socket.ts';

const address = '127.0.0.1';
const nothing = { onPacket: () => undefined, onFault: () => undefined };
const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((it) => it === 'UDPWrap').length;

describe('MED-3: a UDP port', () => {
  it('that another has leaves no socket behind', async () => {
    const holder = await bindUdp({ address, port: 0, ...nothing });
    const before = openSockets();
    try {
      await expect(bindUdp({ address, port: holder.port, ...nothing })).rejects.toMatchObject({
        code: 'EADDRINUSE',
      });
      // Handles are gone at the end of the turn in which they were closed.
      for (let turn = 0; turn < 3; turn += 1) await nextTurn();

      expect(openSockets()).toBe(before);
    } finally {
      await holder.close();
    }
  });
});
