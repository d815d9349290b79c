import { URI } from 'sip.js/lib/core/index.js';
import { parseUri, type SipUri } from '../../core/sip/uri.ts';

/** sip.js knows no tel URI and rewrites escapes; this one is written as it was read. */
export class WireUri extends URI {
  readonly #parsed: SipUri;

  constructor(parsed: SipUri) {
    // sip.js insists on a host; a tel URI has none, and nothing routes by this one.
    const host = parsed.host === '' ? 'tel.invalid' : parsed.host;
    super(parsed.scheme, parsed.user ?? '', host, parsed.port, wireParameters(parsed.parameters));
    this.#parsed = parsed;
  }

  override clone(): URI {
    return new WireUri(this.#parsed);
  }

  override toString(): string {
    return this.#parsed.text;
  }

  override toRaw(): string {
    return this.#parsed.text;
  }
}

/** sip.js types a parameter without a value as text, and tests it against null. */
export const wireParameters = (
  parameters: Readonly<Record<string, string | null>>,
): Record<string, string> => ({ ...parameters }) as Record<string, string>;

/** Undefined where the text is no URI. */
export function wireUri(text: string): WireUri | undefined {
  const parsed = parseUri(text);
  return parsed && new WireUri(parsed);
}

/** Throws for an identity that nobody should have let in. */
export function requireUri(text: string): WireUri {
  const uri = wireUri(text);
  if (!uri) throw new TypeError('an identity is no URI');
  return uri;
}
