/** The open microphone: what is sent while it is enabled. */
export interface LocalAudio {
  setEnabled(enabled: boolean): void;
  /** Gives the device back, so that the browser's recording sign goes out. */
  stop(): void;
}

export interface Microphone {
  /** Rejects when there is none or the user refuses it. */
  open(): Promise<LocalAudio>;
}
