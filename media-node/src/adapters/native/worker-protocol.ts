import type { AccessNames } from '../../ports/media-plane.ts';
import type {
  AddressAndPort,
  EngineEvent,
  EngineOptions,
  NamedPeer,
  OpenedCall,
  RemoteAccess,
  StartedEngine,
} from './media-addon.ts';

/** What a worker process is told; one message a line of JSON, in their order. */
export type WorkerOrder =
  | { readonly kind: 'start'; readonly addon: string; readonly options: StartOptions }
  | OpenOrder
  | (CallOrder & { readonly slot: number })
  | { readonly kind: 'close'; readonly slot: number; readonly serial: number }
  | { readonly kind: 'let-in'; readonly serial: number; readonly source: AddressAndPort }
  | { readonly kind: 'let-out'; readonly source: AddressAndPort }
  | (SeatOrder & { readonly kind: 'open-video'; readonly rtpPort: number })
  | (SeatOrder & { readonly kind: 'close-video' });

interface SeatOrder {
  readonly slot: number;
  readonly serial: number;
}

/** The ranges in base64: JSON knows no bytes. */
export type StartOptions = Omit<EngineOptions, 'refusedRanges'> & {
  readonly refusedRanges: string;
};

export interface OpenOrder {
  readonly kind: 'open';
  readonly slot: number;
  readonly serial: number;
  readonly cname: string;
  readonly rtpPort: number;
}

export interface ConnectedRemote {
  readonly rtp: AddressAndPort;
  readonly rtcp: AddressAndPort;
  readonly learnsSource: boolean;
  /** Master keys with their salts, in base64. */
  readonly srtp?: {
    readonly profile: number;
    readonly local: string;
    readonly remote: string;
  };
  readonly dtls?: NamedPeer;
}

interface GateOrder {
  readonly toIms: boolean;
  readonly toBrowser: boolean;
  readonly rtcp: boolean;
}

type Pairs = readonly (readonly [number, number])[];

export type CallOrder =
  | { readonly kind: 'connect-access'; readonly remote: RemoteAccess }
  | { readonly kind: 'restart-access'; readonly ours: AccessNames; readonly theirs: AccessNames }
  | { readonly kind: 'add-candidate'; readonly candidate: AddressAndPort }
  | (ConnectedRemote & { readonly kind: 'connect-ims' })
  | (ConnectedRemote & { readonly kind: 'connect-video' })
  | {
      readonly kind: 'set-rewrite';
      readonly toIms: Pairs;
      readonly toBrowser: Pairs;
      readonly clockRateHz: number;
      readonly browserClockRateHz: number;
      /** Payload types of telephone-event as they arrive. */
      readonly eventsOfIms: readonly number[];
      readonly eventsOfBrowser: readonly number[];
    }
  | {
      readonly kind: 'set-video-rewrite';
      readonly toIms: Pairs;
      readonly toBrowser: Pairs;
      /** 0 for none. */
      readonly orientation: { readonly browser: number; readonly ims: number };
      /** In bits. */
      readonly feedback: { readonly browser: number; readonly ims: number };
    }
  | (GateOrder & { readonly kind: 'set-gate' })
  | (GateOrder & { readonly kind: 'set-video-gate' })
  | { readonly kind: 'divert'; readonly isDiverted: boolean }
  | { readonly kind: 'divert-video'; readonly isDiverted: boolean }
  /** In base64. */
  | { readonly kind: 'send'; readonly toIms: boolean; readonly packet: string }
  | { readonly kind: 'send-video'; readonly toIms: boolean; readonly packet: string }
  /** Without sequences: a whole picture. */
  | { readonly kind: 'ask-video'; readonly ofIms: boolean; readonly sequences: readonly number[] };

export type VideoOrder = Extract<
  WorkerOrder,
  {
    kind:
      | 'open-video'
      | 'close-video'
      | 'connect-video'
      | 'set-video-rewrite'
      | 'set-video-gate'
      | 'divert-video'
      | 'send-video'
      | 'ask-video';
  }
>;

export type WorkerStart = Omit<StartedEngine, 'handle'>;

/** What it says. */
export type WorkerReport =
  | ({ readonly kind: 'started' } & WorkerStart)
  | { readonly kind: 'not-started'; readonly reason: string }
  | {
      readonly kind: 'opened';
      readonly serial: number;
      /** Absent where the pair of ports is taken. */
      readonly call?: OpenedCall;
    }
  | { readonly kind: 'closed' | 'video-closed' | 'let-in'; readonly serial: number }
  | {
      readonly kind: 'video-opened';
      readonly serial: number;
      /** Absent where the pair of ports is taken. */
      readonly ssrcToBrowser?: number;
    }
  | {
      readonly kind: 'event';
      readonly serial: number;
      readonly event: EngineEvent;
      readonly reason: string;
    }
  | {
      readonly kind: 'diverted';
      readonly serial: number;
      readonly from: 'browser' | 'ims';
      /** In base64. */
      readonly packet: string;
    }
  | VideoReport;

/** Of a video on a detour. */
export type VideoReport = { readonly kind: 'of-video'; readonly serial: number } & (
  | {
      readonly what: 'diverted';
      readonly from: 'browser' | 'ims';
      /** In base64. */
      readonly packet: string;
    }
  | { readonly what: 'picture-wanted'; readonly by: 'browser' | 'ims' }
  | { readonly what: 'rate-limited'; readonly by: 'browser' | 'ims'; readonly bitsPerS: number }
);
