import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { AccessNames } from '../../ports/media-plane.ts';

/** An engine of the addon: its sockets, its calls and its thread. */
export type EngineHandle = unknown;

export interface EngineOptions {
  readonly browser: AddressAndPort;
  readonly ims: AddressAndPort;
  readonly maxCalls: number;
  readonly consentExpiryMs: number;
  readonly rtcpIntervalMs: number;
  readonly maxPacketsPerS: number;
  readonly isLite: boolean;
  /** io_uring where the machine allows it; else epoll. */
  readonly mayUseRing: boolean;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** See `packRanges`. */
  readonly refusedRanges: Uint8Array;
  readonly statsFd: number;
}

export interface StartedEngine {
  readonly handle: EngineHandle;
  readonly port: number;
  /** How it waits for its sockets. */
  readonly io: 'io_uring' | 'epoll';
  /** Why not by io_uring. */
  readonly ringRefusal?: string;
}

export interface AddressAndPort {
  readonly address: string;
  readonly port: number;
}

export interface OpenedCall {
  readonly usernameFragment: string;
  readonly password: string;
  readonly ssrcToBrowser: number;
}

export type EngineEvent =
  | 'ice-connected'
  | 'access-connected'
  | 'access-failed'
  | 'consent-lost'
  | 'consent-restored'
  | 'ims-failed'
  | 'first-from-browser'
  | 'first-from-ims'
  | 'first-to-browser'
  | 'first-to-ims';

/** What receivers ask of a video on a detour; with a limit come its bits a second. */
export type VideoWish =
  | 'picture-wanted-by-browser'
  | 'picture-wanted-by-ims'
  | 'rate-limited-by-browser'
  | 'rate-limited-by-ims';

/** RTP that goes a detour instead of to the other leg, and telephone-events whatever their way. */
export type DivertedEvent = 'diverted-from-browser' | 'diverted-from-ims';
export type DivertedVideo = 'video-from-browser' | 'video-from-ims';

export type HappenedEvent =
  | readonly [kind: EngineEvent | VideoWish, content: string]
  | readonly [kind: DivertedEvent | DivertedVideo, packet: Uint8Array];

export type EngineListener = (slot: number, serial: number, ...event: HappenedEvent) => void;

/** What `media-node/native/addon.c` exports. Orders to a slot without a call do nothing. */
export interface MediaAddon {
  createStats(maxCalls: number): { readonly fd: number; readonly memory: ArrayBuffer };
  start(options: EngineOptions, onEvent: EngineListener): StartedEngine;
  stop(engine: EngineHandle): void;
  /** Checks are taken from there though it is an address that nobody makes us send to. */
  letIn(engine: EngineHandle, source: AddressAndPort): void;
  letOut(engine: EngineHandle, source: AddressAndPort): void;
  /** `undefined` where the pair of ports is taken. */
  open(
    engine: EngineHandle,
    ...call: [slot: number, serial: number, cname: string, rtpPort: number]
  ): OpenedCall | undefined;
  close(engine: EngineHandle, slot: number): void;
  connectAccess(engine: EngineHandle, slot: number, remote: RemoteAccess): void;
  /** Ours as `newAccessNames` makes them. */
  restartAccess(
    engine: EngineHandle,
    slot: number,
    ...names: [ours: AccessNames, theirs: AccessNames]
  ): void;
  addCandidate(engine: EngineHandle, slot: number, candidate: AddressAndPort): void;
  /** SRTP keys that came by signalling: master key and salt of each direction. */
  setKeys(
    engine: EngineHandle,
    slot: number,
    ...keys: [
      profile: number,
      fromBrowser: Uint8Array,
      toBrowser: Uint8Array,
      remote: AddressAndPort,
    ]
  ): boolean;
  /** Profile 0: no keys, but what DTLS may bring. Keys as in `setKeys`. */
  connectIms(
    engine: EngineHandle,
    slot: number,
    ...remote: [
      rtp: AddressAndPort,
      rtcp: AddressAndPort,
      learnsSource: boolean,
      profile: number,
      local: Uint8Array,
      remote: Uint8Array,
      dtls?: NamedPeer | undefined,
    ]
  ): void;
  /** 128 payload types each, 255 for none, or 1 for an event. */
  setRewrite(
    engine: EngineHandle,
    slot: number,
    ...rewrite: [
      toIms: Uint8Array,
      toBrowser: Uint8Array,
      clockRateHz: number,
      browserClockRateHz: number,
      eventsOfIms: Uint8Array,
      eventsOfBrowser: Uint8Array,
    ]
  ): void;
  setGate(
    engine: EngineHandle,
    slot: number,
    ...gate: [toIms: boolean, toBrowser: boolean, rtcp: boolean]
  ): void;
  divert(engine: EngineHandle, slot: number, isDiverted: boolean): void;
  send(engine: EngineHandle, slot: number, toIms: boolean, packet: Uint8Array): void;
  /** The SSRC toward the browser; `undefined` where the pair of ports is taken. */
  openVideo(engine: EngineHandle, slot: number, rtpPort: number): number | undefined;
  closeVideo(engine: EngineHandle, slot: number): void;
  connectVideo: MediaAddon['connectIms'];
  /** 128 payload types each, 255 for none; numbers of the orientation, 0 for none; bits. */
  setVideoRewrite(
    engine: EngineHandle,
    slot: number,
    ...rewrite: [
      toIms: Uint8Array,
      toBrowser: Uint8Array,
      orientationOfIms: number,
      orientationOfBrowser: number,
      takenByIms: number,
      takenByBrowser: number,
    ]
  ): void;
  setVideoGate: MediaAddon['setGate'];
  divertVideo: MediaAddon['divert'];
  sendVideo: MediaAddon['send'];
  /** Sequences of two bytes each; none for a whole picture. */
  askVideo(engine: EngineHandle, slot: number, ofIms: boolean, sequences: Uint8Array): void;
}

/** Of the IMS leg with DTLS: who we are in the handshake, and whose certificate it must show. */
export interface NamedPeer {
  readonly isClient: boolean;
  readonly algorithm: string;
  /** Behind one another, with a space between. */
  readonly fingerprints: string;
  /** From 1; another number is another association. */
  readonly association: number;
}

export interface RemoteAccess {
  readonly usernameFragment: string;
  readonly password: string;
  readonly algorithm: string;
  /** Behind one another, with a space between. */
  readonly fingerprints: string;
  readonly weControl: boolean;
}

/** In the sources, and beside the bundle of the container. */
const PLACES = ['../../../native/build/media.node', './media.node'];

/** `undefined` where it was not built: there was no compiler. */
export const findMediaAddon = (): string | undefined =>
  PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url))).find(existsSync);

/** Throws the loader's error for what is no addon of this machine. */
export const loadMediaAddon = (path: string): MediaAddon =>
  createRequire(import.meta.url)(path) as MediaAddon;
