import { type Impu, impu } from '@isthmus/shared/domain/ids';
import type { WildcardImpu } from '@isthmus/shared/domain/wildcard-impu';
import { rotated, spread } from './spread.ts';

const MAX_SLUG_CHARS = 32;
const SLUG_VARIANTS = 20;
const MAX_DIGITS = 12;
const NUMBERS_PER_WIDTH = 1000;
/** Of E.164 with its plus, and then some. */
const MAX_WORD_CHARS = 20;
const ALPHABET = Array.from('0123456789abcdefghijklmnopqrstuvwxyz+-._');

/** Identities the wildcard covers, in the order in which this user should try them. */
export function* expansionsOf(wildcard: WildcardImpu, userName: string): Generator<Impu> {
  const offered = new Set<string>();
  for (const middle of middles(wildcard, userName)) {
    if (offered.has(middle)) continue;
    offered.add(middle);
    yield impu(`${wildcard.before}${middle}${wildcard.after}`);
  }
}

/**
 * A name first, for people; then numbers of rising width; then whatever the expression says, as
 * with `\+4930555[0-9]{4}`.
 */
function* middles({ expression }: WildcardImpu, userName: string): Generator<string> {
  for (const middle of guesses(userName)) if (expression.matches(middle)) yield middle;
  const alphabet = rotated(ALPHABET, spread(userName));
  for (let length = 1; length <= MAX_WORD_CHARS; length += 1) {
    yield* expression.words(alphabet, length);
  }
}

function* guesses(userName: string): Generator<string> {
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
