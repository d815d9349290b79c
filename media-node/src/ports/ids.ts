/** Randomness from outside, so that the core has none. */
export interface Ids {
  /** URL-safe text of at least `bits` bits from a cryptographic source. */
  random(bits: number): string;
  uuid(): string;
}
