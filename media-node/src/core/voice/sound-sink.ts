import type { VoiceLeg } from '../../ports/transcoder.ts';
import type { VoiceEncoder } from '../../ports/voice-codecs.ts';
import { writeRtp } from '../media/rtp-packet.ts';
import { newFramePacker } from './frame-packer.ts';
import type { FramePacker } from './packed-frames.ts';
import { type TelephoneEvent, writeTelephoneEvent } from './telephone-event.ts';

export interface SoundSinkOptions {
  readonly leg: VoiceLeg;
  /** New with every plan: what relays the packets takes up a new source where the last one stopped. */
  readonly ssrc: number;
}

/** 20 ms of sound at a time, as packets for one leg. */
export class SoundSink {
  readonly #leg: VoiceLeg;
  readonly #ssrc: number;
  readonly #frameTicks: number;
  readonly #encoder: VoiceEncoder;
  readonly packer: FramePacker;
  #sequence = 0;
  #timestamp = 0;
  #startsTalk = true;

  constructor({ leg, ssrc }: SoundSinkOptions, encoder: VoiceEncoder) {
    this.#leg = leg;
    this.#ssrc = ssrc;
    this.#frameTicks = leg.clockRateHz / 50;
    this.#encoder = encoder;
    this.packer = newFramePacker(leg);
  }

  get timestamp(): number {
    return this.#timestamp;
  }

  sound(pcm: Int16Array): Uint8Array | undefined {
    const octets = this.#encoder.encode(pcm, this.packer.nextMode());
    const packed = this.packer.add(octets, pcm);
    this.#timestamp += this.#frameTicks;
    if (packed === undefined) return undefined;
    const { payload, frames, kind } = packed;
    if (kind === 'silence') {
      this.#startsTalk = true;
      return payload
        ? this.#packet({ ...this.#at(frames), payloadType: packed.payloadType, payload })
        : undefined;
    }
    const marker = this.#startsTalk;
    this.#startsTalk = false;
    return this.#packet({ ...this.#at(frames), payloadType: this.#leg.leaving, marker, payload });
  }

  /** 20 ms pass with nothing sent. */
  skip(): void {
    this.packer.clear();
    this.#timestamp += this.#frameTicks;
    this.#startsTalk = true;
  }

  event(
    event: TelephoneEvent,
    { timestamp, marker }: { readonly timestamp: number; readonly marker: boolean },
  ): Uint8Array | undefined {
    const payloadType = this.#leg.events?.leaving;
    if (payloadType === undefined) return undefined;
    const payload = writeTelephoneEvent(event);
    return this.#packet({ timestamp, marker, payloadType, payload });
  }

  #at(frames: number): { readonly timestamp: number; readonly marker: boolean } {
    return { timestamp: this.#timestamp - frames * this.#frameTicks, marker: false };
  }

  #packet(of: {
    readonly timestamp: number;
    readonly marker: boolean;
    readonly payloadType: number;
    readonly payload: Uint8Array;
  }): Uint8Array {
    this.#sequence += 1;
    const { timestamp, marker, payloadType } = of;
    return writeRtp(
      {
        ...{ marker, payloadType, ssrc: this.#ssrc },
        sequence: this.#sequence % 0x1_0000,
        timestamp: timestamp % 0x1_0000_0000,
      },
      of.payload,
    );
  }

  close(): void {
    this.#encoder.close();
  }
}
