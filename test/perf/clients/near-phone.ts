/** When what happened in the last call at the browser's side. */
export interface Marks {
  readonly requestedAtMs?: number;
  readonly earlyAnswerAtMs?: number;
  readonly incomingAtMs?: number;
  readonly acceptedAtMs?: number;
  readonly firstAudioAtMs?: number;
}

/** The browser's side of a call, one call at a time. */
export interface NearPhone {
  /** Who it is in IMS. */
  readonly impu: string;
  /** Resolves when the request was answered. */
  dial(target: string): Promise<void>;
  /** Resolves when it rings. */
  incoming(): Promise<void>;
  accept(): Promise<void>;
  /** Resolves when the first audio came. */
  heard(): Promise<void>;
  /** Resolves when the call has ended here. */
  hangUp(): Promise<void>;
  marks(): Promise<Marks>;
  close(): Promise<void>;
}
