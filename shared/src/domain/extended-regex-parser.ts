/** Whether a character is in it. */
export type CharacterSet = (char: string) => boolean;

export type Expression =
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'sequence'; readonly items: readonly Expression[] }
  | { readonly kind: 'choice'; readonly items: readonly Expression[] }
  | {
      readonly kind: 'repeat';
      readonly item: Expression;
      readonly min: number;
      readonly max: number | undefined;
    };

/** Where the reading stands; it only ever moves on. */
interface Reader {
  readonly source: string;
  at: number;
}

/** RE_DUP_MAX of POSIX. */
const MAX_COUNT = 255;
const MAX_DEPTH = 16;

/** POSIX extended regular expressions (IEEE 1003.1 §9.4), without collating symbols. */
export function parseExpression(source: string): Expression | undefined {
  const reader = { source, at: 0 };
  const expression = choiceAt(reader, 0);
  return reader.at === source.length ? expression : undefined;
}

const peek = ({ at, source }: Reader): string => source.charAt(at);

function taken(reader: Reader, char: string): boolean {
  if (peek(reader) !== char) return false;
  reader.at += 1;
  return true;
}

function choiceAt(reader: Reader, depth: number): Expression | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const items: Expression[] = [];
  do {
    const item = sequenceAt(reader, depth);
    if (!item) return undefined;
    items.push(item);
  } while (taken(reader, '|'));
  return { kind: 'choice', items };
}

function sequenceAt(reader: Reader, depth: number): Expression | undefined {
  const items: Expression[] = [];
  while (!['', '|', ')'].includes(peek(reader))) {
    // Anchors say nothing where the whole must match anyway.
    if (taken(reader, '^') || taken(reader, '$')) continue;
    const atom = atomAt(reader, depth);
    const item = atom && repeatedAt(reader, atom);
    if (!item) return undefined;
    items.push(item);
  }
  return { kind: 'sequence', items };
}

function atomAt(reader: Reader, depth: number): Expression | undefined {
  if (taken(reader, '(')) {
    const inner = choiceAt(reader, depth + 1);
    return taken(reader, ')') ? inner : undefined;
  }
  const set = setAt(reader);
  return set && { kind: 'set', set };
}

function setAt(reader: Reader): CharacterSet | undefined {
  const char = peek(reader);
  reader.at += 1;
  if (char === '.') return () => true;
  if (char === '[') return bracketAt(reader);
  if (char === '\\') return escapedAt(reader);
  if ('*+?{'.includes(char)) return undefined;
  return (it) => it === char;
}

const DIGIT: CharacterSet = (it) => /^\d$/.test(it);

/** `\d` is none of POSIX, and what operators write all the same. */
function escapedAt(reader: Reader): CharacterSet | undefined {
  const char = peek(reader);
  reader.at += 1;
  if (char === 'd') return DIGIT;
  return /^[^a-z0-9]$/i.test(char) ? (it) => it === char : undefined;
}

const CLASSES: Readonly<Record<string, CharacterSet>> = {
  alnum: (it) => /^[a-z0-9]$/i.test(it),
  alpha: (it) => /^[a-z]$/i.test(it),
  digit: DIGIT,
  lower: (it) => /^[a-z]$/.test(it),
  upper: (it) => /^[A-Z]$/.test(it),
  xdigit: (it) => /^[0-9a-f]$/i.test(it),
};

const NAMED_CLASS = /^\[:([a-z]+):\]/;
const RANGE = /^([^\]])-([^\]])/;

function bracketAt(reader: Reader): CharacterSet | undefined {
  const isNegated = taken(reader, '^');
  const sets: CharacterSet[] = [];
  // The first of them may be a bracket itself.
  do {
    const set = memberAt(reader);
    if (!set) return undefined;
    sets.push(set);
  } while (peek(reader) !== ']');
  reader.at += 1;
  return (it) => sets.some((set) => set(it)) !== isNegated;
}

function memberAt(reader: Reader): CharacterSet | undefined {
  const rest = reader.source.slice(reader.at);
  const [named, name = ''] = NAMED_CLASS.exec(rest) ?? [];
  if (named !== undefined) {
    reader.at += named.length;
    return Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
  }
  const [range, from = '', to = ''] = RANGE.exec(rest) ?? [];
  if (range !== undefined) {
    reader.at += range.length;
    return from <= to ? (it) => it >= from && it <= to : undefined;
  }
  const char = peek(reader);
  if (char === '') return undefined;
  reader.at += 1;
  return (it) => it === char;
}

const COUNTED = /^\{(\d{1,3})(,(\d{1,3})?)?\}/;

function repeatedAt(reader: Reader, atom: Expression): Expression | undefined {
  let item = atom;
  for (;;) {
    const bounds = boundsAt(reader);
    if (bounds === 'none') return item;
    if (!bounds) return undefined;
    item = { kind: 'repeat', item, ...bounds };
  }
}

const MARKS: Readonly<Record<string, Bounds>> = {
  '*': { min: 0, max: undefined },
  '+': { min: 1, max: undefined },
  '?': { min: 0, max: 1 },
};

function boundsAt(reader: Reader): Bounds | 'none' | undefined {
  const char = peek(reader);
  if (char === '{') return countAt(reader);
  if (!Object.hasOwn(MARKS, char)) return 'none';
  reader.at += 1;
  return MARKS[char];
}

function countAt(reader: Reader): Bounds | undefined {
  const [all, min, comma, max] = COUNTED.exec(reader.source.slice(reader.at)) ?? [];
  if (all === undefined) return undefined;
  reader.at += all.length;
  const least = Number(min);
  const most = max === undefined ? undefined : Number(max);
  const highest = most ?? least;
  if (highest < least || highest > MAX_COUNT) return undefined;
  return { min: least, max: comma === undefined ? least : most };
}

type Bounds = Pick<Extract<Expression, { kind: 'repeat' }>, 'min' | 'max'>;
