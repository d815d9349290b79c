export interface Candidate {
  readonly foundation: string;
  readonly priority: number;
  readonly address: string;
  readonly port: number;
  readonly type: 'host' | 'srflx' | 'relay';
}

/** As many as anybody has addresses; more is a way to make us send (RFC 8445 §19.5.1). */
export const MAX_CANDIDATES = 64;

const PATTERN =
  /^(?:a=)?candidate:(\S{1,32}) 1 udp (\d{1,10}) (\S{1,255}) (\d{1,5}) typ (host|srflx|relay)(?: |$)/i;

/**
 * A UDP candidate of the RTP component (RFC 8839 §5.1). `undefined` for TCP, for component 2, which
 * rtcp-mux makes needless, for peer-reflexive ones and for what cannot be read.
 */
export function readCandidate(line: string): Candidate | undefined {
  const [, foundation, priority, address, port, type] = PATTERN.exec(line.trim()) ?? [];
  if (!(foundation && address) || Number(port) < 1 || Number(port) > 65_535) return undefined;
  return {
    foundation,
    priority: Number(priority),
    address,
    port: Number(port),
    type: type?.toLowerCase() as Candidate['type'],
  };
}

/** A name that hides a host address (RFC 8828); the check that comes from it tells the address. */
export const isHiddenName = (candidate: Candidate): boolean =>
  candidate.address.toLowerCase().endsWith('.local');

/** The one candidate of a node that announces one address and one port. */
export const writeHostCandidate = (address: string, port: number): string =>
  `candidate:1 1 udp 2130706431 ${address} ${String(port)} typ host`;

/**
 * The same node where UDP does not get through: a browser connects to it (RFC 6544 §4.5). Below every pair
 * of UDP: type preference 90, and direction 4, passive, of a host candidate (RFC 6544 §4.2).
 */
export const writePassiveCandidate = (address: string, port: number): string =>
  `candidate:2 1 tcp 1520435199 ${address} ${String(port)} typ host tcptype passive`;
