/** Voice codecs by their names in SDP. */
export type VoiceCodecName = 'opus' | 'AMR-WB' | 'AMR' | 'G722' | 'PCMU' | 'PCMA' | 'EVS';

/** What an encoder is opened with; each codec takes of it what concerns it. */
export interface EncoderSettings {
  readonly codec: VoiceCodecName;
  /** Of the sound that goes in: 8000 or 16000. */
  readonly rateHz: number;
  /** Silence may be sent as comfort noise, or not at all. */
  readonly withPauses: boolean;
  readonly opus?: OpusSettings;
}

/** What the receiver asked of us (RFC 7587 §6.1). */
export interface OpusSettings {
  readonly bitrate: number;
  readonly withRedundancy: boolean;
  readonly isConstantRate: boolean;
  readonly playbackRateHz: number;
}

export interface VoiceEncoder {
  /** 20 ms of sound; the octets are good until the next call, none: the codec refused. */
  encode(pcm: Int16Array, mode: number): Uint8Array;
  close(): void;
}

export interface VoiceDecoder {
  /** Samples written; 0 where the frame cannot be decoded. AMR frames begin with their ToC octet. */
  decode(frame: Uint8Array, pcm: Int16Array): number;
  /** Fills `pcm` in place of a lost frame, by the redundancy of the one after it where there is any. */
  conceal(pcm: Int16Array, following?: Uint8Array): number;
  close(): void;
}

/** The codecs of this machine. What is not in `available` is refused with a `RangeError`. */
export interface VoiceCodecs {
  readonly available: ReadonlySet<VoiceCodecName>;
  /** Why the others cannot be had. */
  readonly missing: ReadonlyMap<VoiceCodecName, string>;
  openEncoder(settings: EncoderSettings): VoiceEncoder;
  openDecoder(codec: VoiceCodecName, rateHz: number): VoiceDecoder;
}
