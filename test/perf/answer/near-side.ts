/** The browser's side, as far as answers go. */
export interface NearSide {
  readonly subject: string;
  dial(target: string): Promise<void>;
  /** Resolves with when the first audio came. */
  heard(): Promise<number>;
  received(): Promise<number>;
  hangUp(): Promise<void>;
  close(): Promise<void>;
}
