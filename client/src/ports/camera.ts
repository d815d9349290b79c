/** The open camera: what it sees can be shown to its own user, and sent. */
export interface LocalVideo {
  readonly stream: MediaStream;
  /** Black while it is not. */
  setEnabled(enabled: boolean): void;
  /** Gives the device back, so that its light goes out. */
  stop(): void;
}

export interface Camera {
  /** Rejects when there is none or the user refuses it. */
  open(): Promise<LocalVideo>;
}
