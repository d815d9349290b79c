export type DeviceKind = 'microphone' | 'camera' | 'speaker';

export interface Device {
  readonly id: string;
  readonly kind: DeviceKind;
  /** As the system calls it; empty before the user has let the page use one of its kind. */
  readonly name: string;
}

export interface Devices {
  /** Those there are now; no speakers where the browser leaves them to the system. */
  list(): Promise<readonly Device[]>;
  /** Undefined: the one that the system is set to. */
  chosen(kind: DeviceKind): string | undefined;
  /** From now on, and in place of one in use. Rejects where it cannot be used; all stays as it was. */
  choose(kind: DeviceKind, id: string | undefined): Promise<void>;
  /** Some have come or gone; the returned function ends the watch. */
  watch(onChange: () => void): () => void;
}
