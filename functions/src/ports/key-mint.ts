/** Bearer keys of 256 random bits, of which only the SHA-256 is ever stored. */
export interface KeyMint {
  mint(): { readonly key: string; readonly sha256: string };
  sha256(key: string): string;
  /** Constant in time. */
  fits(key: string, sha256: string): boolean;
  uuid(): string;
}
