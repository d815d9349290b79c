import { randomInt } from 'node:crypto';
import { isIPv4 } from 'node:net';
import type { VideoChoice } from '../sdp/video.ts';
import { openPortPair, type PortPair } from './port-pair.ts';
import { isRtcp, readFeedback, writeFeedback } from './rtcp.ts';
import { readRtp, writeRtp } from './rtp-packet.ts';

export interface VideoMirror {
  readonly port: number;
  /** Takes on what offer and answer agreed; nothing: the video is over. */
  agree(choice: VideoChoice | undefined): void;
  /** Packets that came in and went back. */
  readonly mirrored: number;
  close(): void;
}

export const openVideoMirror = async (host: string): Promise<VideoMirror> =>
  new Mirror(await openPortPair(host));

/**
 * Sends a picture back packet by packet, under the numbers it came with: whatever the other side
 * finds missing is missing of what it sent, so that it is asked for it in turn.
 */
class Mirror implements VideoMirror {
  readonly port: number;
  readonly #pair: PortPair;
  readonly #ssrc = randomInt(1, 2 ** 32);
  #choice: VideoChoice | undefined;
  #theirs: number | undefined;
  #isClosed = false;
  mirrored = 0;

  constructor(pair: PortPair) {
    this.#pair = pair;
    this.port = pair.rtpPort;
    pair.rtp.on('message', (bytes) => {
      this.#onRtp(bytes);
    });
    pair.rtcp.on('message', (bytes) => {
      this.#onRtcp(bytes);
    });
  }

  agree(choice: VideoChoice | undefined): void {
    this.#choice = choice;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#pair.rtp.close();
    this.#pair.rtcp.close();
  }

  #onRtp(bytes: Buffer): void {
    const packet = isRtcp(bytes) ? undefined : readRtp(bytes);
    if (packet?.payloadType !== this.#choice?.codec.payloadType || packet === undefined) return;
    this.#theirs = packet.ssrc;
    if (this.#choice?.direction !== 'sendrecv') return;
    this.mirrored += 1;
    const { rtpPort } = this.#choice.remote;
    this.#emit('rtp', writeRtp({ ...packet, ssrc: this.#ssrc }), rtpPort);
  }

  /** What is asked of us can only be had of who asks. */
  #onRtcp(bytes: Buffer): void {
    const theirs = this.#theirs;
    if (this.#choice === undefined || theirs === undefined) return;
    const { rtcpPort } = this.#choice.remote;
    for (const feedback of readFeedback(bytes)) {
      if (feedback.media !== this.#ssrc) continue;
      this.#emit(
        'rtcp',
        writeFeedback({ ...feedback, sender: this.#ssrc, media: theirs }),
        rtcpPort,
      );
    }
  }

  #emit(socket: 'rtp' | 'rtcp', bytes: Buffer, port: number): void {
    const host = this.#choice?.remote.host ?? '';
    if (this.#isClosed || !isIPv4(host) || port < 1 || port > 65_535) return;
    this.#pair[socket].send(bytes, port, host, () => undefined);
  }
}
