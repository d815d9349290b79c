import { readFormatParameters } from './format-parameters.ts';

/** What the one who wrote a format wants to be sent (3GPP TS 26.445 A.3.1). */
export interface EvsRules {
  /** Places in `EVS_RATES`. */
  readonly rates: Span;
  /** 0 narrow, 1 wide, 2 super-wide, 3 full. */
  readonly bandwidths: Span;
  readonly mayPause: boolean;
}

export interface Span {
  readonly least: number;
  readonly most: number;
}

/** In kbit/s, as SDP writes them; the first varies. */
const EVS_RATES = ['5.9', '7.2', '8', '9.6', '13.2', '16.4', '24.4', '32', '48', '64', '96', '128'];
const BANDWIDTHS = ['nb', 'wb', 'swb', 'fb'];
/** Rates that a bandwidth has (table 1). */
const RATES_OF: readonly Span[] = [
  { least: 0, most: 6 },
  { least: 0, most: 11 },
  { least: 3, most: 11 },
  { least: 5, most: 11 },
];
const ALL_RATES: Span = { least: 0, most: EVS_RATES.length - 1 };
const ALL_BANDWIDTHS: Span = { least: 0, most: BANDWIDTHS.length - 1 };

type Parameters = ReturnType<typeof readFormatParameters>;

/** `a-b` or `a` of a list; `undefined` for what is not in it, or is upside down. */
function spanOf(names: readonly string[], text: string | undefined): Span | undefined {
  const [first = '', last = first] = (text ?? '')
    .toLowerCase()
    .replace(/\.0(?=-|$)/g, '')
    .split('-');
  const [least, most] = [names.indexOf(first.trim()), names.indexOf(last.trim())];
  return least >= 0 && most >= least ? { least, most } : undefined;
}

/** One direction, or what holds for both. */
const directed = (parameters: Parameters, name: string): string | undefined =>
  parameters.get(`${name}-recv`) ?? parameters.get(name);

export function evsRules(format: string | undefined): EvsRules {
  const parameters = readFormatParameters(format);
  const receivesPauses = parameters.get('dtx-recv') ?? parameters.get('dtx');
  return {
    rates: spanOf(EVS_RATES, directed(parameters, 'br')) ?? ALL_RATES,
    bandwidths: spanOf(BANDWIDTHS, directed(parameters, 'bw')) ?? ALL_BANDWIDTHS,
    mayPause: receivesPauses !== '0',
  };
}

/** Rates that a bandwidth has and the rules allow; those of the bandwidth where none is both. */
export function evsRatesAt({ rates }: EvsRules, bandwidth: number): Span {
  const own = RATES_OF[bandwidth] ?? ALL_RATES;
  const least = Math.max(own.least, rates.least);
  const most = Math.min(own.most, rates.most);
  return least <= most ? { least, most } : own;
}

/** Either description binds both directions (A.3.3). */
export const isHeaderFullOnly = (...formats: readonly (string | undefined)[]): boolean =>
  formats.some((it) => readFormatParameters(it).get('hf-only') === '1');

/** `cmr`: 1, in every payload; -1, in none. */
export const evsRequests = (format: string | undefined): 'always' | 'never' | 'where-needed' => {
  const cmr = readFormatParameters(format).get('cmr');
  if (cmr === '1') return 'always';
  return cmr === '-1' ? 'never' : 'where-needed';
};

/** One channel of EVS Primary: a session that begins in AMR-WB IO, or has two, is passed over. */
export function isPlainEvs(format: string | undefined): boolean {
  const parameters = readFormatParameters(format);
  const isOne = (name: string): boolean => (parameters.get(name) ?? '1') === '1';
  return parameters.get('evs-mode-switch') !== '1' && isOne('ch-send') && isOne('ch-recv');
}

/** Rates and bandwidths both have; redundancy in a frame (channel-aware) is not asked for. */
export const EVS_FORMAT = 'br=5.9-24.4;bw=nb-swb;ch-aw-recv=-1;max-red=0';

/** What an answer repeats, and what it turns round: their sending is our receiving (A.3.3.1). */
const REPEATED = ['br', 'bw', 'hf-only', 'cmr', 'dtx'];
const TURNED = [
  ['br-recv', 'br-send'],
  ['br-send', 'br-recv'],
  ['bw-recv', 'bw-send'],
  ['bw-send', 'bw-recv'],
] as const;

export function answeredEvsFormat(offered: string | undefined): string {
  const parameters = readFormatParameters(offered);
  const said = (theirs: string, ours: string): readonly string[] => {
    const value = parameters.get(theirs);
    return value !== undefined && isSound(theirs, value) ? [`${ours}=${value}`] : [];
  };
  return [
    ...REPEATED.flatMap((name) => said(name, name)),
    ...TURNED.flatMap(([theirs, ours]) => said(theirs, ours)),
    'ch-aw-recv=-1',
    'max-red=0',
  ].join(';');
}

function isSound(name: string, value: string): boolean {
  if (name.startsWith('br')) return spanOf(EVS_RATES, value) !== undefined;
  if (name.startsWith('bw')) return spanOf(BANDWIDTHS, value) !== undefined;
  return /^-?[01]$/.test(value);
}
