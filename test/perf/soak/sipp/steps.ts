/** A regular expression and where it is to match; the call fails where it does not. */
export interface Look {
  readonly pattern: string;
  /** The header with its colon, or all of the message, or its body. */
  readonly within: `${string}:` | 'message' | 'body';
  /** Variables: for the match, and for its groups. */
  readonly as: string;
}

export interface Expected {
  readonly looks?: readonly Look[];
  readonly isOptional?: true;
  /** Its Record-Route makes the route set, its Contact the target. */
  readonly opensDialog?: true;
  /** Whether the call goes on elsewhere then. */
  readonly goesTo?: string;
  /** Its challenge is what `[authentication]` answers. */
  readonly challenges?: true;
  /** Where all that is sent goes from now on. */
  readonly destination?: { readonly host: string; readonly port: number };
}

/** Request of the harness, which never leaves the machine: the scenario is to go on. */
export const CUE = 'CUE';

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');

const searched = (within: Look['within']): string => {
  if (within === 'body') return 'search_in="body"';
  return within === 'message' ? 'search_in="msg"' : `search_in="hdr" header="${within}"`;
};

const lookFor = ({ pattern, within, as }: Look): string =>
  `<ereg regexp="${escaped(pattern)}" ${searched(within)} check_it="true" assign_to="${as}"/>`;

const withActions = (open: string, name: string, actions: readonly string[]): string =>
  actions.length === 0 ? `<${open}/>` : `<${open}><action>${actions.join('')}</action></${name}>`;

/** A step that waits for a request by its method, or for a response by its status. */
export function awaited(what: string | number, expected: Expected = {}): string {
  const { looks = [], isOptional, opensDialog, challenges, goesTo, destination } = expected;
  const open = [
    `recv ${typeof what === 'number' ? 'response' : 'request'}="${String(what)}"`,
    ...(isOptional ? ['optional="true"'] : []),
    ...(opensDialog ? ['rrs="true"'] : []),
    ...(challenges ? ['auth="true"'] : []),
    ...(goesTo === undefined ? [] : [`next="${goesTo}"`]),
  ].join(' ');
  const redirected =
    destination === undefined
      ? []
      : [`<setdest host="${destination.host}" port="${String(destination.port)}" protocol="UDP"/>`];
  return withActions(open, 'recv', [...looks.map(lookFor), ...redirected]);
}

/** `repeated` until it is answered (RFC 3261 §17.1). */
export const sent = (message: string, how: 'once' | 'repeated'): string =>
  `<send${how === 'repeated' ? ' retrans="500"' : ''}><![CDATA[\n${message}]]></send>`;

export const told = (words: string): string =>
  `<nop><action><log message="${escaped(words)}"/></action></nop>`;

export const played = (file: string): string =>
  `<nop><action><exec play_pcap_audio="${file}"/></action></nop>`;

export const paused = (ms: number): string => `<pause milliseconds="${String(ms)}"/>`;

export const jumped = (label: string): string => `<nop next="${label}"/>`;

export const label = (name: string): string => `<label id="${name}"/>`;

/** sipp refuses variables that nothing refers to. */
export function scenarioOf(name: string, steps: readonly string[]): string {
  const body = steps.map((step) => `  ${step}`).join('\n');
  const variables = [...body.matchAll(/assign_to="([^"]+)"/g)].flatMap(([, names = '']) =>
    names.split(','),
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<scenario name="${escaped(name)}">`,
    body,
    ...(variables.length > 0
      ? [`  <Reference variables="${[...new Set(variables)].join(',')}"/>`]
      : []),
    '</scenario>',
    '',
  ].join('\n');
}
