import type { LegName } from '../../ports/media-plane.ts';
import type { Playout } from '../../ports/media-stats.ts';
import type { PlayoutOfLegs, TranscodingPlan, VoiceLeg } from '../../ports/transcoder.ts';
import type { VoiceCodecs } from '../../ports/voice-codecs.ts';
import { otherLeg } from '../media/relay.ts';
import { payloadOf, type RtpHeader, readRtpHeader } from '../media/rtp-packet.ts';
import { askableModes } from './askable-modes.ts';
import { ConcealingDecoder } from './concealing-decoder.ts';
import { DtmfTone } from './dtmf-tone.ts';
import { EventCarrier } from './event-carrier.ts';
import { evsRules } from './evs-format.ts';
import { opusSettings, wantsOpusPauses } from './format-parameters.ts';
import type { JitterCounts } from './jitter-buffer.ts';
import { ModeAsker } from './mode-asker.ts';
import { SoundSink } from './sound-sink.ts';
import { SoundSource } from './sound-source.ts';
import { amrBandOf, readNoisePayload, readVoicePayload } from './voice-frame.ts';

export interface LeavingPacket {
  readonly to: LegName;
  readonly packet: Uint8Array;
}

interface Path {
  readonly from: LegName;
  readonly leg: VoiceLeg;
  readonly source: SoundSource;
  readonly sink: SoundSink;
  readonly events: EventCarrier;
  readonly tone: DtmfTone;
  /** Absent: the far side sends what it likes. */
  readonly asker: ModeAsker | undefined;
}

const LEGS = ['browser', 'ims'] as const;

/** Both directions of one transcoded call. Time comes in with every packet and every turn. */
export class VoiceCrossing {
  readonly #paths: Readonly<Record<LegName, Path>>;
  readonly #pcm: Int16Array;
  #leaving: LeavingPacket[] = [];
  #malformed = 0;

  constructor(plan: TranscodingPlan, codecs: VoiceCodecs, ssrc: number) {
    this.#pcm = new Int16Array(plan.rateHz / 50);
    const pathFrom = (from: LegName): Path => newPath({ from, plan, codecs, ssrc });
    this.#paths = { browser: pathFrom('browser'), ims: pathFrom('ims') };
  }

  counts(from: LegName): JitterCounts {
    return this.#paths[from].source.counts;
  }

  /** Of what comes from each leg. */
  get playout(): PlayoutOfLegs {
    return { browser: this.#playoutOf('browser'), ims: this.#playoutOf('ims') };
  }

  #playoutOf(leg: LegName): Playout {
    const { modes: heardModes, playout } = this.#paths[leg].source;
    const { modes: sentModes } = this.#paths[otherLeg(leg)].sink.packer;
    return { ...playout, ...(heardModes && { heardModes }), ...(sentModes && { sentModes }) };
  }

  /** Packets that no codec of the plan can have made. */
  get malformed(): number {
    return this.#malformed;
  }

  take(from: LegName, packet: Uint8Array, nowMs: number): void {
    const header = readRtpHeader(packet);
    const payload = header && payloadOf(packet, header);
    if (!(header && payload)) return;
    if (!this.#takeAsEvent(from, { header, payload, nowMs })) {
      this.#takeAsSound(from, { header, payload, nowMs });
    }
  }

  /** Which share of our packets that leg has lost of late, by its reports. */
  hearOfLoss(at: LegName, share: number): void {
    this.#paths[otherLeg(at)].sink.packer.hearOfLoss(share);
  }

  /** The packets of the next 20 ms, and of events since the last. */
  turn(nowMs: number): readonly LeavingPacket[] {
    for (const from of LEGS) this.#cross(this.#paths[from], nowMs);
    return this.#leaving.splice(0);
  }

  close(): void {
    for (const from of LEGS) {
      this.#paths[from].source.close();
      this.#paths[from].sink.close();
    }
  }

  #takeAsEvent(from: LegName, { header, payload, nowMs }: Taken): boolean {
    const { leg, source, events } = this.#paths[from];
    if (header.payloadType !== leg.events?.arriving) return false;
    source.pass(header, nowMs);
    const packet = events.take(header, payload, nowMs);
    if (packet) this.#leaving.push({ to: otherLeg(from), packet });
    return true;
  }

  #takeAsSound(from: LegName, { header, payload, nowMs }: Taken): void {
    const { leg, source } = this.#paths[from];
    const read = readPayload(leg, header, payload);
    if (!read) {
      this.#malformed += 1;
      return;
    }
    this.#paths[otherLeg(from)].sink.packer.requestMode(read.modeRequest);
    source.push(header, read, nowMs);
  }

  #cross(path: Path, nowMs: number): void {
    const { source, sink, events } = path;
    const isSound = source.pull(this.#pcm, nowMs);
    this.#ask(path);
    const tone = events.tone(nowMs);
    if (tone !== undefined && path.tone.fill(this.#pcm, tone)) {
      this.#send(path);
      return;
    }
    if (!isSound || events.isSounding(nowMs)) {
      sink.skip();
      return;
    }
    this.#send(path);
  }

  #send({ from, sink }: Path): void {
    const packet = sink.sound(this.#pcm);
    if (packet) this.#leaving.push({ to: otherLeg(from), packet });
  }

  /** Much lost of what they send us: less of it is asked for, in what we send back. */
  #ask({ from, source, asker }: Path): void {
    if (asker) this.#paths[otherLeg(from)].sink.packer.askFor(asker.after(source.counts.lost));
  }
}

interface Taken {
  readonly header: RtpHeader;
  readonly payload: Uint8Array;
  readonly nowMs: number;
}

function readPayload(leg: VoiceLeg, { payloadType }: RtpHeader, payload: Uint8Array) {
  if (payloadType === leg.arriving) return readVoicePayload(leg, payload);
  return payloadType === leg.noise?.arriving ? readNoisePayload(leg, payload) : undefined;
}

function newPath(of: {
  readonly from: LegName;
  readonly plan: TranscodingPlan;
  readonly codecs: VoiceCodecs;
  readonly ssrc: number;
}): Path {
  const { from, plan, codecs, ssrc } = of;
  const { rateHz } = plan;
  const [leg, other] = [plan[from], plan[otherLeg(from)]];
  const decoder = new ConcealingDecoder(leg.codec, codecs.openDecoder(leg.codec, rateHz));
  const encoder = codecs.openEncoder({
    ...{ codec: other.codec, rateHz, withPauses: mayPause(other) },
    opus: opusSettings(other.leavingFormat, rateHz),
  });
  const sink = new SoundSink({ leg: other, ssrc }, encoder);
  const requests = askableModes(leg);
  return {
    ...{ from, leg, sink },
    source: new SoundSource(leg, decoder, rateHz),
    events: new EventCarrier(leg, other, sink),
    tone: new DtmfTone(rateHz),
    asker: requests && new ModeAsker(requests),
  };
}

/** AMR always may (3GPP TS 26.114 §5.2.1.1); EVS where it is not refused; Opus where it is wanted. */
function mayPause({ codec, leavingFormat }: VoiceLeg): boolean {
  if (codec === 'EVS') return evsRules(leavingFormat).mayPause;
  if (codec === 'opus') return wantsOpusPauses(leavingFormat);
  return amrBandOf(codec) !== undefined;
}
