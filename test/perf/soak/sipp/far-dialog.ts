import { awaited, type Expected, type Look, sent } from './steps.ts';

/** A phone of IMS, and whom it is in calls with. */
export interface FarLine {
  readonly user: string;
  readonly impu: string;
  readonly domain: string;
  readonly pcscf: { readonly host: string; readonly port: number };
  /** As the registrar wrote it. */
  readonly serviceRoute: string;
  /** Public identity of the SDK's user. */
  readonly target: string;
}

/** What a message carries beside what its dialog makes. */
export interface Carried {
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly contentType?: string;
}

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly';

export const EVENTS = 101;
/** sipp fills in where it is. */
const CONTACT_AT = '@[local_ip]:[local_port];transport=udp>';
const VIA = 'Via: SIP/2.0/UDP [local_ip]:[local_port];rport;branch=z9hG4bK[pid]x[call_number]x';
const LOCAL_TAG = ';tag=far[pid]x[call_number]';
const RTPMAPS: Readonly<Record<number, string>> = {
  0: 'PCMU/8000',
  8: 'PCMA/8000',
  9: 'G722/8000',
};

/** Via and Record-Route, every line of them: a proxy puts both on top. */
const WORD = '[^[:space:]]+';
const HOP = `(Via|Record-Route): ${WORD}( ${WORD})?`;
const PATH: Look = { pattern: `(${HOP}[[:space:]]+)*${HOP}`, within: 'message', as: 'path' };
const header = (name: `${string}:`, as: string): Look => ({ pattern: '.*', within: name, as });
const CONTACT_URI: Look = { pattern: 'sip:[^>]*', within: 'Contact:', as: 'peer_uri' };

export const message = (
  head: readonly string[],
  { headers = [], body = '', contentType = 'application/sdp' }: Carried = {},
): string =>
  [
    ...[...head, ...headers],
    ...(body === '' ? [] : [`Content-Type: ${contentType}`]),
    ...[`Content-Length: ${body === '' ? '0' : '[len]'}`, '', body],
  ].join('\n');

/** Response to the request that came last. */
export const answered = (line: string, carried: Carried & { readonly tag?: string } = {}): string =>
  message(
    [
      ...[`SIP/2.0 ${line}`, '[last_Via:]', '[last_From:]', `[last_To:]${carried.tag ?? ''}`],
      ...['[last_Call-ID:]', '[last_CSeq:]'],
    ],
    carried,
  );

/**
 * One side of a call, whose steps are written down in their order. sipp keeps neither a dialog nor an INVITE that
 * something else came behind, so both are kept in variables.
 */
export class FarDialog {
  readonly steps: string[] = [];
  readonly #line: FarLine;
  readonly #codec: number;
  #isCaller = false;
  #cseq = 0;
  #branch = 0;
  #version = 0;

  constructor(line: FarLine, codec: number) {
    this.#line = line;
    this.#codec = codec;
  }

  add(...steps: readonly string[]): void {
    this.steps.push(...steps);
  }

  /** The INVITE that opens it, of the other side. */
  isOpened(): void {
    const looks = [
      ...[PATH, header('From:', 'from'), header('To:', 'to')],
      ...[header('CSeq:', 'cseq'), CONTACT_URI],
    ];
    this.add(awaited('INVITE', { opensDialog: true, looks }));
  }

  /** Response to that INVITE; a final one is repeated until its ACK comes. */
  answersInvite(line: string, { headers = [], ...carried }: Carried = {}): void {
    const head = [
      ...[`SIP/2.0 ${line}`, '[$path]', 'From:[$from]', `To:[$to]${LOCAL_TAG}`],
      ...['Call-ID: [call_id]', 'CSeq:[$cseq]', this.#contact],
    ];
    const isFinal = !line.startsWith('1');
    this.add(sent(message(head, { ...carried, headers }), isFinal ? 'repeated' : 'once'));
  }

  /** The INVITE that opens it, of this side. */
  opens(carried: Carried): void {
    this.#isCaller = true;
    this.#cseq = 1;
    this.#branch = 1;
    this.add(sent(message([...this.#opening('INVITE'), this.#contact], carried), 'repeated'));
  }

  /** Takes back its INVITE, by the INVITE's branch (RFC 3261 §9.1). */
  cancels(): void {
    this.add(sent(message(this.#opening('CANCEL')), 'repeated'));
  }

  /** Acknowledges a refusal, by the INVITE's branch (RFC 3261 §17.1.1.3). */
  isRefused(status: number): void {
    const ack = this.#opening('ACK').map((line) => (line.startsWith('To:') ? '[last_To:]' : line));
    this.add(awaited(status), sent(message(ack), 'once'));
  }

  isAccepted(carried: Carried = {}): void {
    const tag: Look = { pattern: ';tag=[^;]*', within: 'To:', as: 'peer_tag' };
    this.add(awaited(200, { opensDialog: true, looks: [tag, CONTACT_URI] }));
    this.#acknowledges(carried);
  }

  /** A request within the dialog, and the 200 that answers it. */
  asks(method: string, carried: Carried = {}, expected: Expected = {}): void {
    this.#cseq += 1;
    this.add(sent(message([...this.#within(method), this.#contact], carried), 'repeated'));
    if (method === 'INVITE') this.add(awaited(100, { isOptional: true }));
    this.add(awaited(200, expected));
    if (method === 'INVITE') this.#acknowledges();
  }

  /** A request of the other side within the dialog. */
  grants(method: string, carried: Carried = {}, expected: Expected = {}): void {
    const headers = [...(method === 'INVITE' ? [this.#contact] : []), ...(carried.headers ?? [])];
    const isInvite = method === 'INVITE';
    this.add(
      awaited(method, expected),
      sent(answered('200 OK', { ...carried, headers }), isInvite ? 'repeated' : 'once'),
    );
    if (isInvite) this.add(awaited('ACK'));
  }

  /** A request of this side outside the dialog; sipp finds its own call behind the slashes. */
  asksBeside(method: string, carried: Carried): void {
    const { impu, target, serviceRoute } = this.#line;
    const head = [
      ...[`${method} ${target} SIP/2.0`, this.#via(), 'Max-Forwards: 70', `Route: ${serviceRoute}`],
      ...[`From: <${impu}>${LOCAL_TAG}b`, `To: <${target}>`, 'Call-ID: beside///[call_id]'],
      `CSeq: 1 ${method}`,
    ];
    this.add(sent(message(head, carried), 'repeated'), awaited(200));
  }

  sdp(direction: Direction = 'sendrecv'): string {
    this.#version += 1;
    const codec = String(this.#codec);
    return [
      ...['v=0', `o=- 1 ${String(this.#version)} IN IP4 [media_ip]`, 's=-'],
      ...['c=IN IP4 [media_ip]', 't=0 0'],
      `m=audio [media_port] RTP/AVP ${codec} ${String(EVENTS)}`,
      `a=rtpmap:${codec} ${RTPMAPS[this.#codec] ?? ''}`,
      `a=rtpmap:${String(EVENTS)} telephone-event/8000`,
      ...[`a=fmtp:${String(EVENTS)} 0-15`, `a=${direction}`, ''],
    ].join('\n');
  }

  get #contact(): string {
    return `Contact: <sip:${this.#line.user}${CONTACT_AT}`;
  }

  #via(): string {
    this.#branch += 1;
    return `${VIA}${String(this.#branch)}`;
  }

  #opening(method: string): readonly string[] {
    const { impu, target, serviceRoute } = this.#line;
    return [
      ...[`${method} ${target} SIP/2.0`, `${VIA}1`, 'Max-Forwards: 70', `Route: ${serviceRoute}`],
      ...[`From: <${impu}>${LOCAL_TAG}`, `To: <${target}>`, 'Call-ID: [call_id]'],
      `CSeq: 1 ${method}`,
    ];
  }

  /** As the callee its dialog is the INVITE turned round (RFC 3261 §12.1.1). */
  #within(method: string): readonly string[] {
    const { impu, target } = this.#line;
    const ends = this.#isCaller
      ? [`From: <${impu}>${LOCAL_TAG}`, `To: <${target}>[$peer_tag]`]
      : [`From:[$to]${LOCAL_TAG}`, 'To:[$from]'];
    return [
      ...[`${method} [$peer_uri] SIP/2.0`, this.#via(), 'Max-Forwards: 70', '[routes]'],
      ...[...ends, 'Call-ID: [call_id]', `CSeq: ${String(this.#cseq)} ${method}`],
    ];
  }

  #acknowledges(carried: Carried = {}): void {
    this.add(sent(message(this.#within('ACK'), carried), 'once'));
  }
}
