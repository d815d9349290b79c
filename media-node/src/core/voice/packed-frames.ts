import type { SpokenModes } from '../../ports/media-stats.ts';

export type Packed =
  | { readonly kind: 'speech'; readonly payload: Uint8Array; readonly frames: number }
  /** Silence is told by a payload, or by none. */
  | {
      readonly kind: 'silence';
      readonly payload?: Uint8Array;
      readonly payloadType: number;
      readonly frames: number;
    };

/** How the frames of an encoder become payloads: one for several, none for silence. */
export interface FramePacker {
  /** What has been packed, of a codec that has modes. */
  readonly modes?: SpokenModes | undefined;
  nextMode(): number;
  /** A mode the far side asks to be sent. */
  requestMode(mode: number): void;
  /** The mode we ask the far side to send. */
  askFor(mode: number): void;
  /** Which share of our packets the far side has lost of late, by its reports. */
  hearOfLoss(share: number): void;
  /** `undefined`: more frames belong into the same payload. */
  add(octets: Uint8Array, pcm: Int16Array): Packed | undefined;
  clear(): void;
}
