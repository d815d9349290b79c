export interface Attribute {
  readonly name: string;
  /** Absent for a property attribute (`a=rtcp-mux`). */
  readonly value?: string;
}

export interface MediaSection {
  readonly kind: string;
  readonly port: number;
  readonly protocol: string;
  readonly formats: readonly string[];
  /** The address of its own `c=` line. */
  readonly connection?: string;
  /** Its `b=AS`: kilobits a second, headers and all (RFC 8866 §5.8). */
  readonly bandwidthKbps?: number;
  readonly rtcpBandwidth?: RtcpBandwidth;
  readonly attributes: readonly Attribute[];
}

/** `b=RS` and `b=RR`: bits a second for the RTCP of senders and of receivers (RFC 3556 §2). */
export interface RtcpBandwidth {
  readonly RS?: number;
  readonly RR?: number;
}

/** Of nothing for either, no RTCP is sent (RFC 3556 §2, 3GPP TS 26.114 §7.3.1). */
export const NO_RTCP: RtcpBandwidth = { RS: 0, RR: 0 };

/** What RFC 8866 calls a session description, as far as we look into it. */
export interface SessionDescription {
  readonly connection?: string;
  readonly rtcpBandwidth?: RtcpBandwidth;
  readonly attributes: readonly Attribute[];
  readonly media: readonly MediaSection[];
}

type Attributed = Pick<SessionDescription, 'attributes'>;

export const hasAttribute = (of: Attributed, name: string): boolean =>
  of.attributes.some((it) => it.name === name);

export const attribute = (of: Attributed, name: string): string | undefined =>
  of.attributes.find((it) => it.name === name)?.value;

export const attributes = (of: Attributed, name: string): readonly string[] =>
  of.attributes.flatMap((it) => (it.name === name && it.value !== undefined ? [it.value] : []));

export const DIRECTIONS = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** The section's own direction, else the session's, else both ways (RFC 8866 §6.7). */
export function directionOf(section: MediaSection, session: SessionDescription): Direction {
  const own = DIRECTIONS.find((it) => hasAttribute(section, it));
  return own ?? DIRECTIONS.find((it) => hasAttribute(session, it)) ?? 'sendrecv';
}

/** The section's own bandwidths, else the session's. */
export function isRtcpOff(section: MediaSection, session: SessionDescription): boolean {
  const { RS, RR } = { ...session.rtcpBandwidth, ...section.rtcpBandwidth };
  return RS === 0 && RR === 0;
}

export interface Flow {
  readonly send: boolean;
  readonly receive: boolean;
}

export const flowOf = (direction: Direction): Flow => ({
  send: direction === 'sendrecv' || direction === 'sendonly',
  receive: direction === 'sendrecv' || direction === 'recvonly',
});

export function directionFrom({ send, receive }: Flow): Direction {
  if (send) return receive ? 'sendrecv' : 'sendonly';
  return receive ? 'recvonly' : 'inactive';
}

/** The same direction as the other side sees it (RFC 3264 §6.1). */
export function mirrored(direction: Direction): Direction {
  const { send, receive } = flowOf(direction);
  return directionFrom({ send: receive, receive: send });
}

/** What both allow. */
export function narrowed(a: Direction, b: Direction): Direction {
  const [one, other] = [flowOf(a), flowOf(b)];
  return directionFrom({ send: one.send && other.send, receive: one.receive && other.receive });
}
