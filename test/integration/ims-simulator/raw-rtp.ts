import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** The RTP side of a test's phone. */
export class RawRtp {
  readonly rtp: Socket;
  readonly rtcp: Socket;
  readonly received: Buffer[] = [];
  readonly reports: Buffer[] = [];
  #sequence = 0;

  private constructor(rtp: Socket, rtcp: Socket) {
    this.rtp = rtp;
    this.rtcp = rtcp;
    rtp.on('message', (bytes) => this.received.push(bytes));
    rtcp.on('message', (bytes) => this.reports.push(bytes));
  }

  static async open(): Promise<RawRtp> {
    const [rtp, rtcp] = [createSocket('udp4'), createSocket('udp4')];
    rtp.bind(0, '127.0.0.1');
    rtcp.bind(0, '127.0.0.1');
    await Promise.all([once(rtp, 'listening'), once(rtcp, 'listening')]);
    return new RawRtp(rtp, rtcp);
  }

  sdp(codecs = '0 8 101', direction = 'sendrecv'): string {
    return [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      `m=audio ${String(this.rtp.address().port)} RTP/AVP ${codecs}`,
      `a=rtcp:${String(this.rtcp.address().port)}`,
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:8 PCMA/8000',
      'a=rtpmap:9 G722/8000',
      'a=rtpmap:96 opus/48000/2',
      'a=fmtp:96 useinbandfec=1',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-15',
      `a=${direction}`,
      '',
    ].join('\r\n');
  }

  send(port: number, payloadType: number, payload: Uint8Array, timestamp?: number): void {
    const head = Buffer.alloc(12);
    this.#sequence += 1;
    head.writeUInt8(0x80, 0);
    head.writeUInt8(payloadType, 1);
    head.writeUInt16BE(this.#sequence, 2);
    head.writeUInt32BE(timestamp ?? this.#sequence * 160, 4);
    head.writeUInt32BE(0x1234, 8);
    this.rtp.send(Buffer.concat([head, payload]), port, '127.0.0.1');
  }

  async until(count: number, withinMs = 5_000): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (this.received.length < count) {
      if (Date.now() > deadline) throw new Error(`only ${String(this.received.length)} packets`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  close(): void {
    this.rtp.close();
    this.rtcp.close();
  }
}

export function audioPort(sdp: string): number {
  return Number(/^m=audio (\d+)/m.exec(sdp)?.[1]);
}

/** G.711 mu-law and A-law, from the tables of the recommendation rather than from the simulator. */
export function decodeLaw(law: 'PCMU' | 'PCMA', byte: number): number {
  // Adding nothing turns the negative zero of the codes into the plain one.
  return (law === 'PCMU' ? mu(byte) : alaw(byte)) + 0;
}

function mu(byte: number): number {
  const inverted = 255 - byte;
  const segment = (inverted & 0x70) / 16;
  const magnitude = ((inverted & 15) * 2 + 33) * 2 ** segment - 33;
  return (inverted >= 128 ? -1 : 1) * magnitude * 4;
}

function alaw(byte: number): number {
  const inverted = byte ^ 0x55;
  const segment = (inverted & 0x70) / 16;
  const step = (inverted & 15) * 2 + (segment === 0 ? 1 : 33);
  const magnitude = segment === 0 ? step : step * 2 ** (segment - 1);
  return (inverted >= 128 ? 1 : -1) * magnitude * 8;
}

/** Share of the energy of a signal that lies at one frequency (Goertzel). */
export function shareAt(frequencyHz: number, samples: readonly number[]): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / 8_000);
  let [last, beforeLast] = [0, 0];
  for (const sample of samples)
    [last, beforeLast] = [sample + coefficient * last - beforeLast, last];
  const power = last ** 2 + beforeLast ** 2 - coefficient * last * beforeLast;
  const energy = samples.reduce((sum, sample) => sum + sample ** 2, 0);
  return energy === 0 ? 0 : (2 * power) / (energy * samples.length);
}
