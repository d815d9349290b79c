import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { packetKind } from '../../media-node/src/core/media/packet-kind.ts';
import { readStun } from '../../media-node/src/core/media/stun-message.ts';
import { answerTo, check } from '../support/ice-checks.ts';
import type { NodeAddress, Scene } from './media-plane-scene.ts';

/** Shorter than any browser waits between two checks. */
const EVERY_MS = 50;

/**
 * Another socket of a browser within its ICE session, as of a network that has come up: it answers the
 * checks of the node, and names its pair.
 */
export class AnotherWay {
  /** Whatever came and is no STUN. */
  readonly heard: Buffer[] = [];
  onHeard: (packet: Buffer) => void = () => undefined;
  /** Checks of this end that the node has answered. */
  answersHeard = 0;
  /** Checks of the node. */
  checksHeard = 0;
  /** Gives the checks of the node no answer. */
  isMute = false;
  readonly #node: NodeAddress;
  readonly #password: string;
  readonly #newCheck: () => Buffer;
  readonly #socket: Socket;
  #last: Buffer | undefined;
  #naming: NodeJS.Timeout | undefined;

  static async open(scene: Scene): Promise<AnotherWay> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new AnotherWay(scene, socket);
  }

  private constructor({ call, browser, node }: Scene, socket: Socket) {
    const { usernameFragment, password } = call.access;
    this.#newCheck = () => check(usernameFragment, password);
    this.#password = browser.parameters.password;
    this.#node = node;
    this.#socket = socket;
    socket.on('message', (packet) => {
      this.#take(packet);
    });
  }

  /** One check that names the pair. */
  name(): void {
    this.#last = this.#newCheck();
    this.send(this.#last);
  }

  /** The check before once more, for its answer was slow. */
  repeat(): void {
    if (this.#last) this.send(this.#last);
  }

  /** With every check from now on, as a browser does of the pair it sends over. */
  keepNaming(): void {
    this.name();
    this.#naming = setInterval(() => {
      this.name();
    }, EVERY_MS);
  }

  send(packet: Uint8Array): void {
    this.#socket.send(packet, this.#node.port, this.#node.address);
  }

  close(): void {
    clearInterval(this.#naming);
    this.#socket.close();
  }

  #take(packet: Buffer): void {
    const message = packetKind(packet) === 'stun' ? readStun(packet) : undefined;
    if (!message) {
      this.heard.push(packet);
      this.onHeard(packet);
    } else if (message.class === 'request') {
      this.checksHeard += 1;
      if (!this.isMute) this.send(answerTo(packet, this.#node, this.#password));
    } else if (message.class === 'success') this.answersHeard += 1;
  }
}
