import { type CharacterSet, type Expression, parseExpression } from './extended-regex-parser.ts';

/** A POSIX extended regular expression that has to match the whole of a text. */
export interface ExtendedRegex {
  matches(text: string): boolean;
  /** Texts of that length over the alphabet that match, each once. */
  words(alphabet: readonly string[], length: number): Generator<string>;
}

type State =
  | { readonly kind: 'end' }
  | { readonly kind: 'read'; readonly set: CharacterSet; readonly next: number }
  | { readonly kind: 'fork'; next: readonly number[] };

const END = 0;
/** A count within a count multiplies; nobody's numbering plan needs more. */
const MAX_STATES = 2_000;

/**
 * Undefined where the text is no such expression. It comes from a registrar, and is run against
 * what strangers send: unlike `RegExp`, this takes linear time whatever the expression is.
 */
export function extendedRegex(source: string): ExtendedRegex | undefined {
  const expression = parseExpression(source);
  const automaton = expression && automatonOf(expression);
  if (!automaton) return undefined;
  return {
    matches: (text) => {
      let at = automaton.start;
      for (const char of text) at = automaton.step(at, char);
      return at.has(END);
    },
    words: (alphabet, length) => wordsOf(automaton, alphabet, length),
  };
}

type States = ReadonlySet<number>;

interface Automaton {
  readonly start: States;
  step(from: States, char: string): States;
}

function automatonOf(expression: Expression): Automaton | undefined {
  const states: State[] = [{ kind: 'end' }];
  const first = build(states, expression, END);
  if (states.length > MAX_STATES) return undefined;
  return {
    start: closure(states, [first]),
    step(from, char) {
      const reached = [...from].flatMap((at) => {
        const state = states[at];
        return state?.kind === 'read' && state.set(char) ? [state.next] : [];
      });
      return closure(states, reached);
    },
  };
}

/** Adds the states of an expression that goes on to `next`; the number of the first of them. */
function build(states: State[], expression: Expression, next: number): number {
  if (states.length > MAX_STATES) return next;
  switch (expression.kind) {
    case 'set':
      return states.push({ kind: 'read', set: expression.set, next }) - 1;
    case 'sequence': {
      const after = states.push({ kind: 'fork', next: [next] }) - 1;
      return expression.items.reduceRight((then, item) => build(states, item, then), after);
    }
    case 'choice': {
      const ways = expression.items.map((item) => build(states, item, next));
      return states.push({ kind: 'fork', next: ways }) - 1;
    }
    case 'repeat':
      return buildRepeat(states, expression, next);
  }
}

function buildRepeat(
  states: State[],
  { item, max, min }: Extract<Expression, { kind: 'repeat' }>,
  next: number,
): number {
  let first = next;
  if (max === undefined) {
    const loop: State = { kind: 'fork', next: [next] };
    first = states.push(loop) - 1;
    loop.next = [build(states, item, first), next];
  }
  for (let optional = min; optional < (max ?? min); optional += 1) {
    const body = build(states, item, first);
    first = states.push({ kind: 'fork', next: [body, next] }) - 1;
  }
  for (let due = 0; due < min; due += 1) first = build(states, item, first);
  return first;
}

function closure(states: readonly State[], from: readonly number[]): States {
  const found = new Set<number>();
  const open = [...from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (found.has(at)) continue;
    found.add(at);
    const state = states[at];
    if (state?.kind === 'fork') open.push(...state.next);
  }
  return found;
}

function* wordsOf(
  automaton: Automaton,
  alphabet: readonly string[],
  length: number,
): Generator<string> {
  const known = new Map<string, boolean>();

  /** Whether some text of that length leads from here to the end. */
  function leads(from: States, left: number): boolean {
    if (left === 0 || from.size === 0) return from.has(END);
    const key = `${String(left)}:${[...from].sort((a, b) => a - b).join()}`;
    const remembered = known.get(key);
    if (remembered !== undefined) return remembered;
    const isLeading = alphabet.some((char) => leads(automaton.step(from, char), left - 1));
    known.set(key, isLeading);
    return isLeading;
  }

  function* after(prefix: string, from: States, left: number): Generator<string> {
    if (!leads(from, left)) return;
    if (left === 0) yield prefix;
    else {
      for (const char of alphabet) {
        yield* after(prefix + char, automaton.step(from, char), left - 1);
      }
    }
  }

  yield* after('', automaton.start, length);
}
