import { parseSdp } from '../sdp/parse.ts';
import {
  attributes,
  DIRECTIONS,
  type Direction,
  type Flow,
  flowOf,
  type MediaSection,
} from '../sdp/session-description.ts';

const STRENGTHS = ['none', 'optional', 'mandatory'] as const;
type Strength = (typeof STRENGTHS)[number];

interface Desired {
  readonly strength: Strength;
  readonly direction: Direction | 'none';
}

interface Ends<T> {
  /** The access of who wrote the description. */
  readonly local: T;
  readonly remote: T;
}

/** The `qos` preconditions of one description, as its writer sees them (RFC 3312 §4). */
export interface Preconditions {
  readonly current: Ends<Direction | 'none'>;
  readonly desired: Ends<Desired>;
  /** `a=conf`: its writer wants to be told when we are ready (RFC 3312 §4). */
  readonly wantsConfirmation: boolean;
  /** Mandatory ones of a kind we know nothing of (RFC 3312 §8): their `des` lines. */
  readonly unknown: readonly string[];
}

const QOS = /^qos\s+(local|remote)\s+(\S+)$/i;
const DESIRED = /^(\S+)\s+(none|optional|mandatory)\s+(\S+)\s+(\S+)$/i;
const NOTHING: Desired = { strength: 'none', direction: 'none' };

/** Undefined where a description has none; then its writer waits for nothing. */
export function preconditionsOf(sdp: string | undefined): Preconditions | undefined {
  const parsed = sdp === undefined ? undefined : parseSdp(sdp);
  if (!parsed?.ok) return undefined;
  const section = parsed.value.media.find(({ port }) => port !== 0);
  if (!section) return undefined;
  const current = attributes(section, 'curr');
  const desired = attributes(section, 'des');
  if (current.length === 0 && desired.length === 0) return undefined;
  return {
    current: { local: currentOf(current, 'local'), remote: currentOf(current, 'remote') },
    desired: { local: desiredOf(desired, 'local'), remote: desiredOf(desired, 'remote') },
    wantsConfirmation: attributes(section, 'conf').some((it) => QOS.exec(it)?.[1] === 'remote'),
    unknown: desired.filter(isUnknown),
  };
}

function currentOf(lines: readonly string[], end: keyof Ends<unknown>): Direction | 'none' {
  const found = lines.map((it) => QOS.exec(it)).find((it) => it?.[1]?.toLowerCase() === end);
  return directionIn(found?.[2]);
}

function desiredOf(lines: readonly string[], end: keyof Ends<unknown>): Desired {
  const found = lines
    .map((it) => DESIRED.exec(it))
    .find((it) => it?.[1]?.toLowerCase() === 'qos' && it[3]?.toLowerCase() === end);
  if (!found) return NOTHING;
  const strength = STRENGTHS.find((it) => it === found[2]?.toLowerCase()) ?? 'none';
  return { strength, direction: directionIn(found[4]) };
}

const directionIn = (text: string | undefined): Direction | 'none' =>
  DIRECTIONS.find((it) => it === text?.toLowerCase()) ?? 'none';

/** End-to-end reservations are nothing an IMS access has to give; nor is any kind but `qos`. */
function isUnknown(line: string): boolean {
  const [, kind, strength, end] = DESIRED.exec(line) ?? [];
  if (strength?.toLowerCase() !== 'mandatory') return false;
  return kind?.toLowerCase() !== 'qos' || !['local', 'remote'].includes(end?.toLowerCase() ?? '');
}

/** Whether its writer still waits for resources of its own that it cannot do without. */
export const isWaiting = ({ current, desired }: Preconditions): boolean =>
  desired.local.strength === 'mandatory' && !covers(current.local, desired.local.direction);

/** Whether its writer waits to hear of ours: it asked, or has not understood that they are there. */
export const isOwedOurs = ({ current, desired, wantsConfirmation }: Preconditions): boolean =>
  wantsConfirmation ||
  (desired.remote.strength === 'mandatory' && !covers(current.remote, desired.remote.direction));

function covers(current: Direction | 'none', wanted: Direction | 'none'): boolean {
  const has = flowIn(current);
  const wants = flowIn(wanted);
  return (has.send || !wants.send) && (has.receive || !wants.receive);
}

const flowIn = (direction: Direction | 'none'): Flow =>
  direction === 'none' ? { send: false, receive: false } : flowOf(direction);

/** Ours are there at once: this node has its ports and its path before it says anything. */
const OUR_CURRENT = 'a=curr:qos local sendrecv';

/** Of an offer to a peer of whom nothing is known yet. */
export const firstOfferLines = (isRequired: boolean): readonly string[] => [
  OUR_CURRENT,
  'a=curr:qos remote none',
  'a=des:qos mandatory local sendrecv',
  `a=des:qos ${isRequired ? 'mandatory' : 'optional'} remote sendrecv`,
];

/** Of an answer, or of a later offer: what the peer said, from our side (RFC 3312 §5.1.2). */
export function linesAfter(theirs: Preconditions): readonly string[] {
  const { strength } = theirs.desired.local;
  return [
    OUR_CURRENT,
    `a=curr:qos remote ${theirs.current.local}`,
    'a=des:qos mandatory local sendrecv',
    // RFC 3312 §5.1.2: an answer may raise a strength, never lower it.
    `a=des:qos ${strength} remote sendrecv`,
    ...(isWaiting(theirs) ? ['a=conf:qos remote sendrecv'] : []),
  ];
}

/** The lines go to the end of every section in use. */
export function withPreconditions(sdp: string, lines: readonly string[]): string {
  const [session = '', ...sections] = sdp.split(/(?=^m=)/m);
  const more = lines.map((it) => `${it}\r\n`).join('');
  return [session, ...sections.map((it) => (/^m=\S+ 0 /.test(it) ? it : ended(it) + more))].join(
    '',
  );
}

const ended = (section: string): string => (section.endsWith('\n') ? section : `${section}\r\n`);

/** Body of a 580: the offer refused, with what could not be met (RFC 3312 §8). */
export function failureOf(offer: string, { unknown }: Preconditions): string {
  const parsed = parseSdp(offer);
  const media: readonly MediaSection[] = parsed.ok ? parsed.value.media : [];
  return [
    ...['v=0', 'o=- 0 0 IN IP4 0.0.0.0', 's=-', 'c=IN IP4 0.0.0.0', 't=0 0'],
    ...media.flatMap(({ kind, protocol, formats }) => [
      `m=${kind} 0 ${protocol} ${formats.join(' ')}`,
      ...unknown.map((it) => `a=des:${it.replace(/\bmandatory\b/i, 'unknown')}`),
    ]),
    '',
  ].join('\r\n');
}

export const withoutPreconditions = (sdp: string): string =>
  sdp.replace(/^a=(?:curr|des|conf):.*(?:\r?\n|$)/gm, '');
