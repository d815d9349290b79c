import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** The IMS side as far as media goes: plain RTP that is sent back, and what was heard. */
export class ImsEcho {
  readonly heard: Buffer[] = [];
  readonly heardRtcp: Buffer[] = [];
  readonly #rtp: Socket;
  readonly #rtcp: Socket;
  /** Where the node's reports come from. */
  #reporter: number | undefined;
  readonly #neverReturned = new Set<number>();

  private constructor(rtp: Socket, rtcp: Socket, loses: number) {
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    rtp.on('message', (packet, from) => {
      this.heard.push(packet);
      const sequence = packet.readUInt16BE(2);
      if (this.#neverReturned.size < loses) this.#neverReturned.add(sequence);
      if (!this.#neverReturned.has(sequence)) rtp.send(packet, from.port, from.address);
    });
    rtcp.on('message', (packet, from) => {
      this.#reporter = from.port;
      this.heardRtcp.push(packet);
    });
  }

  /**
   * `asksBack`: who misses a picture of it has what it misses asked of himself. `loses`: so many of the
   * first packets never come back, however often they are sent.
   */
  static async open({ asksBack = false, loses = 0 } = {}): Promise<ImsEcho> {
    const [rtp, rtcp] = [createSocket('udp4'), createSocket('udp4')];
    rtp.bind(0, '127.0.0.1');
    rtcp.bind(0, '127.0.0.1');
    await Promise.all([once(rtp, 'listening'), once(rtcp, 'listening')]);
    const echo = new ImsEcho(rtp, rtcp, loses);
    if (!asksBack) return echo;
    rtcp.on('message', (packet, from) => {
      rtcp.send(packet, from.port, from.address);
    });
    return echo;
  }

  /** Offer or answer with these formats; RTCP on a port that is not the next (RFC 3605). */
  sdp(formats: readonly string[], ...lines: readonly string[]): string {
    return `${[
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      `m=audio ${String(this.#rtp.address().port)} RTP/AVP ${formats.join(' ')}`,
      `a=rtcp:${String(this.#rtcp.address().port)}`,
      ...lines,
    ].join('\r\n')}\r\n`;
  }

  get rtpPort(): number {
    return this.#rtp.address().port;
  }

  get rtcpPort(): number {
    return this.#rtcp.address().port;
  }

  /** To where reports came from. */
  sendRtcp(packet: Uint8Array): void {
    if (this.#reporter !== undefined) this.#rtcp.send(packet, this.#reporter, '127.0.0.1');
  }

  payloadTypes(): ReadonlySet<number> {
    return new Set(this.heard.map((packet) => (packet[1] ?? 0) & 0x7f));
  }

  close(): void {
    this.#rtp.close();
    this.#rtcp.close();
  }
}
