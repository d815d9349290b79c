import { type ExtendedRegex, extendedRegex } from './extended-regex.ts';

/**
 * A wildcarded IMPU carries an extended regular expression between two exclamation marks:
 * `sip:web!.*!@ims.example` (3GPP TS 23.003 §13.4B, RFC 7315 §4.1).
 */
export interface WildcardImpu {
  readonly before: string;
  readonly expression: ExtendedRegex;
  readonly after: string;
}

/** The outermost marks delimit the expression: it may hold others. */
const FORM = /^([^!]*)!(.{1,64})!([^!]*)$/;
/** Longer than any identity; what is longer still is nobody's. */
const MAX_IDENTITY_CHARS = 256;

/** Undefined for an ordinary IMPU, and for an expression that is none: it stands for nobody. */
export function wildcardOf(text: string): WildcardImpu | undefined {
  const [, before = '', source, after = ''] = FORM.exec(text) ?? [];
  const expression = source === undefined ? undefined : extendedRegex(source);
  return expression && { before, expression, after };
}

export function matchesWildcard(wildcard: WildcardImpu, identity: string): boolean {
  const { after, before, expression } = wildcard;
  if (identity.length < before.length + after.length) return false;
  if (identity.length > MAX_IDENTITY_CHARS) return false;
  if (!identity.startsWith(before) || !identity.endsWith(after)) return false;
  return expression.matches(identity.slice(before.length, identity.length - after.length));
}

/** An IMPU that the registrar no longer reports is barred (3GPP TS 24.229 §5.1.1.2.1). */
export const isInSet = (entries: readonly string[], identity: string): boolean =>
  entries.some((entry) => {
    if (entry === identity) return true;
    const wildcard = wildcardOf(entry);
    return wildcard !== undefined && matchesWildcard(wildcard, identity);
  });
