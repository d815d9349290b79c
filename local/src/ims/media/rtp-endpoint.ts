import { randomInt } from 'node:crypto';
import { isIPv4 } from 'node:net';
import type { Clock } from '../clock.ts';
import type { AudioChoice } from '../sdp/answer.ts';
import { createDtmfReceiver } from './dtmf-receiver.ts';
import { decodeG711, encodeG711, type G711Law } from './g711.ts';
import { openPortPair, type PortPair } from './port-pair.ts';
import { createReception } from './reception.ts';
import { isRtcp, readSenderReport, writeReport } from './rtcp.ts';
import { type RtpPacket, readRtp, writeRtp } from './rtp-packet.ts';
import { type Tone, toneSamples } from './tone.ts';

export interface MediaCounts {
  readonly packetsReceived: number;
  readonly packetsSent: number;
  readonly speechPackets: number;
  readonly rtcpReceived: number;
  readonly digits: string;
}

export interface RtpEndpoint {
  readonly port: number;
  /** Takes on what offer and answer agreed. */
  agree(choice: AudioChoice): void;
  /** Sends a tone; needs PCMA or PCMU. */
  play(tone: Tone): void;
  /** Sends back what comes in. */
  echo(): void;
  counts(): MediaCounts;
  close(): void;
}

const FRAME_MS = 20;
const FRAME_SAMPLES = 160;
const REPORT_EVERY_MS = 5_000;
/** Quieter than this is no speech: about -50 dBm0. */
const SPEECH_AMPLITUDE = 100;

export async function openRtpEndpoint(host: string, clock: Clock): Promise<RtpEndpoint> {
  return new Endpoint(await openPortPair(host), clock);
}

class Endpoint implements RtpEndpoint {
  readonly port: number;
  readonly #pair: PortPair;
  readonly #clock: Clock;
  readonly #ssrc = randomInt(1, 2 ** 32);
  readonly #dtmf = createDtmfReceiver();
  #reception = createReception(8_000);
  #choice: AudioChoice | undefined;
  #sequence = randomInt(0, 2 ** 16);
  #timestamp = 0;
  #isEchoing = false;
  #stopTone: () => void = () => undefined;
  #stopReports: () => void = () => undefined;
  #lastReport: { middleNtp: number; atMs: number } | undefined;
  #octetsSent = 0;
  #isClosed = false;
  #counts = { packetsReceived: 0, packetsSent: 0, speechPackets: 0, rtcpReceived: 0 };

  constructor(pair: PortPair, clock: Clock) {
    this.#pair = pair;
    this.#clock = clock;
    this.port = pair.rtpPort;
    pair.rtp.on('message', (bytes) => {
      this.#onRtp(bytes);
    });
    pair.rtcp.on('message', (bytes) => {
      this.#onRtcp(bytes);
    });
  }

  agree(choice: AudioChoice): void {
    if (this.#choice?.codec.clockRateHz !== choice.codec.clockRateHz) {
      this.#reception = createReception(choice.codec.clockRateHz);
    }
    if (this.#choice === undefined) this.#armReports();
    this.#choice = choice;
  }

  play(tone: Tone): void {
    this.#isEchoing = false;
    this.#stopTone();
    const startedAtMs = this.#clock.nowMs();
    let frame = 0;
    const tick = (): void => {
      // A late timer is made good, so that the stream keeps the pace of its clock.
      const due = Math.floor((this.#clock.nowMs() - startedAtMs) / FRAME_MS) + 1;
      frame = Math.max(frame, due - 10);
      for (; frame < due; frame += 1) this.#sendTone(tone, frame);
      this.#stopTone = this.#clock.after(FRAME_MS, tick);
    };
    tick();
  }

  echo(): void {
    this.#stopTone();
    this.#isEchoing = true;
  }

  counts(): MediaCounts {
    return { ...this.#counts, digits: this.#dtmf.digits() };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopTone();
    this.#stopReports();
    this.#pair.rtp.close();
    this.#pair.rtcp.close();
  }

  #onRtp(bytes: Buffer): void {
    const packet = isRtcp(bytes) ? undefined : readRtp(bytes);
    if (packet === undefined) return;
    this.#counts.packetsReceived += 1;
    this.#reception.receive(packet, this.#clock.nowMs());
    if (packet.payloadType === this.#choice?.telephoneEvent?.payloadType) {
      this.#dtmf.receive(packet);
      return;
    }
    if (this.#isSpeech(packet)) this.#counts.speechPackets += 1;
    if (this.#isEchoing) this.#send(packet);
  }

  #onRtcp(bytes: Buffer): void {
    if (!isRtcp(bytes)) return;
    this.#counts.rtcpReceived += 1;
    const report = readSenderReport(bytes);
    if (report === undefined) return;
    this.#lastReport = { middleNtp: report.middleNtp, atMs: this.#clock.nowMs() };
    this.#sendReport();
  }

  #isSpeech({ payload }: RtpPacket): boolean {
    const law = lawOf(this.#choice);
    if (law === undefined) return payload.length > 10;
    return decodeG711(law, payload).some((sample) => Math.abs(sample) > SPEECH_AMPLITUDE);
  }

  #sendTone(tone: Tone, frame: number): void {
    const law = lawOf(this.#choice);
    if (this.#choice === undefined || law === undefined) return;
    const start = frame * FRAME_SAMPLES;
    this.#send({
      payloadType: this.#choice.codec.payloadType,
      marker: frame === 0,
      timestamp: start,
      payload: encodeG711(law, toneSamples(tone, start, FRAME_SAMPLES)),
    });
  }

  #send(packet: Omit<RtpPacket, 'sequence' | 'ssrc'>): void {
    const choice = this.#choice;
    const maySend = choice?.direction === 'sendrecv' || choice?.direction === 'sendonly';
    if (!maySend) return;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#timestamp = packet.timestamp;
    this.#counts.packetsSent += 1;
    this.#octetsSent += packet.payload.length;
    const bytes = writeRtp({ ...packet, sequence: this.#sequence, ssrc: this.#ssrc });
    this.#emit('rtp', bytes, choice.remote.rtpPort);
  }

  #emit(socket: 'rtp' | 'rtcp', bytes: Buffer, port: number): void {
    const host = this.#choice?.remote.host ?? '';
    // Names are not looked up: SDP of IMS carries addresses.
    if (this.#isClosed || !isIPv4(host) || port < 1 || port > 65_535) return;
    this.#pair[socket].send(bytes, port, host, () => undefined);
  }

  #armReports(): void {
    this.#stopReports = this.#clock.after(REPORT_EVERY_MS, () => {
      this.#sendReport();
      this.#armReports();
    });
  }

  #sendReport(): void {
    const nowMs = this.#clock.nowMs();
    const { packetsSent } = this.#counts;
    const reception = this.#reception.report();
    const last = this.#lastReport;
    const sender = {
      nowMs,
      timestamp: this.#timestamp,
      packets: packetsSent,
      octets: this.#octetsSent,
    };
    const bytes = writeReport({
      ssrc: this.#ssrc,
      cname: 'services@ims',
      ...(packetsSent > 0 ? { sender } : {}),
      ...(reception === undefined ? {} : { reception }),
      ...(last && { lastReport: { middleNtp: last.middleNtp, delayMs: nowMs - last.atMs } }),
    });
    this.#emit('rtcp', bytes, this.#choice?.remote.rtcpPort ?? 0);
  }
}

function lawOf(choice: AudioChoice | undefined): G711Law | undefined {
  const name = choice?.codec.name.toUpperCase();
  return name === 'PCMA' || name === 'PCMU' ? name : undefined;
}
