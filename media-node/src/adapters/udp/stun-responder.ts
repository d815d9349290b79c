import { bindingAnswer, readStun } from '../../core/media/stun-message.ts';
import { bindUdp, type UdpSocket } from './udp-socket.ts';

/**
 * Tells clients where they are seen (RFC 8489 §14.2), so that no third party is asked. It needs a
 * port of its own: Chromium takes all that comes from its STUN server's port for the server's
 * answers, and media from there would never arrive.
 */
export async function openStunResponder(binding: {
  readonly address: string;
  readonly port: number;
  readonly onFault: () => void;
}): Promise<Pick<UdpSocket, 'port' | 'close'>> {
  const socket = await bindUdp({
    ...binding,
    onPacket(packet, from) {
      const message = readStun(packet);
      const isPlain = message?.class === 'request' && message.isBinding && !message.integrity;
      const answer = isPlain ? bindingAnswer(packet, from) : undefined;
      if (answer) socket.send(answer, from.port, from.address);
    },
  });
  return socket;
}
