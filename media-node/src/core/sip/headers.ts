import { splitList } from './name-addr.ts';

/** All values of one header, as a message's own reader gives them. */
export type HeaderValues = (name: string) => readonly string[];

/** Comma-separated tokens of a header that may stand several times, lower case. */
export const tokensOf = (values: readonly string[]): readonly string[] =>
  values.flatMap((it) => it.split(',')).map((it) => it.trim().toLowerCase());

export const listOf = (values: readonly string[]): readonly string[] => values.flatMap(splitList);

type Seconds<K extends string> = { readonly [P in K]?: number };

/** Delta seconds as they stand in many headers; what is none leaves the key out. */
export function seconds<K extends string>(name: K, text: string | null | undefined): Seconds<K> {
  const [digits] = /^\d{1,9}/.exec(text ?? '') ?? [];
  return (digits === undefined ? {} : { [name]: Number(digits) }) as Seconds<K>;
}
