import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readStun } from '../../media-node/src/core/media/stun-message.ts';
import { callId } from '../../shared/src/domain/ids.ts';
import { answerTo } from '../support/ice-checks.ts';
import { until } from '../support/until.ts';
import type { CreatePlane } from './media-plane.contract.ts';
import { createScenes, type NodeAddress } from './media-plane-scene.ts';

const PASSWORD = 'abcdefghijklmnopqrstuvwx';
const USE_CANDIDATE = 0x0025;
const HEADER_BYTES = 20;

function names(packet: Buffer): boolean {
  for (let at = HEADER_BYTES; at + 4 <= packet.length; ) {
    if (packet.readUInt16BE(at) === USE_CANDIDATE) return true;
    at += 4 + Math.ceil(packet.readUInt16BE(at + 2) / 4) * 4;
  }
  return false;
}

/** The checks of the node as they come; answered when it is wanted. */
class SlowBrowser {
  readonly checks: { readonly packet: Buffer; readonly from: NodeAddress }[] = [];
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (packet, from) => {
      if (readStun(packet)?.class === 'request') this.checks.push({ packet, from });
    });
  }

  static async open(): Promise<SlowBrowser> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new SlowBrowser(socket);
  }

  get candidate(): string {
    return `candidate:1 1 udp 2130706431 127.0.0.1 ${String(this.#socket.address().port)} typ host`;
  }

  /** Of those that came. */
  answers(...indices: readonly number[]): void {
    for (const index of indices) {
      const { packet, from } = this.checks[index] ?? { packet: Buffer.alloc(0), from: undefined };
      if (!from) throw new Error(`no check ${String(index)}`);
      this.#socket.send(answerTo(packet, from, PASSWORD), from.port, from.address);
    }
  }

  close(): void {
    this.#socket.close();
  }
}

/** A browser that was busy, or far away, while it was looked for. */
export function describeLateAnswers(name: string, createPlane: CreatePlane): void {
  const { aPlane, takeDown } = createScenes(createPlane);
  afterEach(takeDown);

  it(`the ${name} media plane names its way again where that was lost, though an earlier check is answered meanwhile`, async () => {
    const plane = await aPlane();
    const call = await plane.open(callId('call-0001'), () => undefined);
    const browser = await SlowBrowser.open();
    const named = (): number => browser.checks.filter(({ packet }) => names(packet)).length;
    call.addCandidates([browser.candidate]);
    call.connectAccess({
      ...{ usernameFragment: 'wxyz', password: PASSWORD, weControl: true },
      fingerprints: {
        algorithm: 'sha-256',
        values: [Array.from({ length: 32 }, () => 'AB').join(':')],
      },
    });

    await until(() => browser.checks.length === 2);
    browser.answers(0, 1);
    await until(() => named() === 1);
    await until(() => named() === 2);

    browser.close();
    expect(named()).toBe(2);
  });
}
