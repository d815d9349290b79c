export interface NativeAddon {
  readonly name: string;
  readonly folder: string;
  /** Where else some of its headers are. */
  readonly headers?: string;
  readonly language?: 'c' | 'c++';
  readonly flags?: readonly string[];
  readonly libraries?: readonly string[];
}

/** Resolves to the names of those that cannot be had. */
export function buildNative(addons?: readonly NativeAddon[]): readonly string[];
