import { type Impu, impu } from '@isthmus/shared/domain/ids';
import { spread } from './spread.ts';

/**
 * A wildcarded IMPU carries an extended regular expression between two exclamation marks:
 * `sip:web!.*!@ims.example` (3GPP TS 23.003 §13.4B, RFC 7315 §4.1).
 */
export interface WildcardImpu {
  readonly before: string;
  readonly pattern: RegExp;
  readonly after: string;
}

const FORM = /^([^!]*)!([^!]{1,64})!([^!]*)$/;
const MAX_SLUG_CHARS = 32;
const SLUG_VARIANTS = 20;
const MAX_DIGITS = 12;
const NUMBERS_PER_WIDTH = 1000;

/** Undefined for an ordinary IMPU, and for an expression that is none. */
export function wildcardOf(text: string): WildcardImpu | undefined {
  const [, before = '', expression, after = ''] = FORM.exec(text) ?? [];
  if (expression === undefined) return undefined;
  try {
    return { before, pattern: new RegExp(`^(?:${expression})$`), after };
  } catch {
    // The registrar sent what is no expression: the entry stands for nobody.
    return undefined;
  }
}

export function matchesWildcard(wildcard: WildcardImpu, identity: string): boolean {
  const { before, pattern, after } = wildcard;
  if (identity.length < before.length + after.length) return false;
  if (!identity.startsWith(before) || !identity.endsWith(after)) return false;
  return pattern.test(identity.slice(before.length, identity.length - after.length));
}

/** Identities the wildcard covers, in the order in which this user should try them. */
export function* expansionsOf(wildcard: WildcardImpu, userName: string): Generator<Impu> {
  for (const middle of middles(userName)) {
    if (!wildcard.pattern.test(middle)) continue;
    yield impu(`${wildcard.before}${middle}${wildcard.after}`);
  }
}

/** A name first, for people; then numbers of rising width, for expressions like `[0-9]{4}`. */
function* middles(userName: string): Generator<string> {
  const slug = slugOf(userName);
  if (slug !== '') {
    yield slug;
    for (let variant = 2; variant <= SLUG_VARIANTS; variant += 1) {
      yield `${slug}${String(variant)}`;
      yield `${slug}-${String(variant)}`;
    }
  }
  for (let width = 1; width <= MAX_DIGITS; width += 1) yield* numbersOf(width, spread(userName));
}

function* numbersOf(width: number, start: number): Generator<string> {
  const all = 10 ** width;
  for (let step = 0; step < Math.min(all, NUMBERS_PER_WIDTH); step += 1) {
    yield String((start + step) % all).padStart(width, '0');
  }
}

/** `Anna Lee@shop.example` → `anna-lee`: what the user part of a SIP URI takes unescaped. */
const slugOf = (userName: string): string =>
  userName
    .replace(/^sips?:/i, '')
    .replace(/@.*$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, MAX_SLUG_CHARS);
