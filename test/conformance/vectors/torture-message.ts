/** Some of what a message says, as `SipMessage` has it. */
export interface Facts {
  readonly [fact: string]: unknown;
  /** Among others. */
  readonly hasHeaders?: readonly { readonly name: string; readonly value: string }[];
  readonly bodyMatching?: RegExp;
}

/** What a reader makes of one message. */
export type Outcome =
  | { readonly kind: 'accepted'; readonly facts: Facts }
  /** Not read, and the sender is told so. */
  | { readonly kind: 'refused'; readonly status: 400 | 416 | 505 }
  /** Not read, and there is nobody to tell. */
  | { readonly kind: 'dropped' };

export interface TortureMessage {
  readonly section: string;
  /** File name that the RFC gives it. */
  readonly name: string;
  readonly bytes: Buffer;
  readonly outcome: Outcome;
  /** What a well-formed request addressed to an account of ours is answered with. */
  readonly answeredWith?: number;
}

/** `text` with its lines ended as on the wire. */
export const wire = (text: string): Buffer => Buffer.from(text.replaceAll('\n', '\r\n'), 'utf8');

/** The description that most messages of RFC 4475 carry; 150 octets with a host of nine. */
export const sdpOf = (host: string, connection = host, time = '0 0'): string => `v=0
o=mhandley 29739 7272939 IN IP4 ${host}
s=-
c=IN IP4 ${connection}
t=${time}
m=audio 49217 RTP/AVP 0 12
m=video 3227 RTP/AVP 31
a=rtpmap:31 LPC
`;

export const accepted = (facts: Facts): Outcome => ({ kind: 'accepted', facts });
export const refused = (status: 400 | 416 | 505): Outcome => ({ kind: 'refused', status });
export const dropped: Outcome = { kind: 'dropped' };
