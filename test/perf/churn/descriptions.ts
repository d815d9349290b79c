import { randomBytes } from 'node:crypto';

/** How a browser names itself to ICE (RFC 8445 §5.3). */
export interface IceName {
  readonly fragment: string;
  readonly password: string;
}

export const newIceName = (): IceName => ({
  fragment: randomBytes(6).toString('base64'),
  password: randomBytes(18).toString('base64'),
});

const lines = (...texts: readonly string[]): string => `${texts.join('\r\n')}\r\n`;

/** What a browser offers that speaks PCMA alone. */
export const offerOf = ({ fragment, password }: IceName, fingerprint: string): string =>
  lines(
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'm=audio 9 UDP/TLS/RTP/SAVPF 8',
    'c=IN IP4 0.0.0.0',
    `a=ice-ufrag:${fragment}`,
    `a=ice-pwd:${password}`,
    `a=fingerprint:sha-256 ${fingerprint}`,
    'a=setup:actpass',
    'a=mid:0',
    'a=sendrecv',
    'a=rtcp-mux',
    'a=rtpmap:8 PCMA/8000',
  );

/** What the phone of IMS answers. */
export const imsAnswerAt = (port: number): string =>
  lines(
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${String(port)} RTP/AVP 8`,
    'a=rtpmap:8 PCMA/8000',
    'a=sendrecv',
  );

/** Where the plane awaits both sides, and how it names itself to the browser. */
export interface Whereabouts extends IceName {
  /** sha-256 of the plane's certificate. */
  readonly fingerprint: string;
  readonly accessPort: number;
  readonly imsPort: number;
}

export function whereaboutsIn(accessAnswer: string, imsOffer: string): Whereabouts {
  const found = (text: string, pattern: RegExp): string => {
    const [, value] = pattern.exec(text) ?? [];
    if (value === undefined) throw new Error(`nothing like ${String(pattern)} in ${text}`);
    return value;
  };
  return {
    fragment: found(accessAnswer, /^a=ice-ufrag:(\S+)/m),
    password: found(accessAnswer, /^a=ice-pwd:(\S+)/m),
    fingerprint: found(accessAnswer, /^a=fingerprint:sha-256 (\S+)/im),
    accessPort: Number(found(accessAnswer, /^a=candidate:\S+ 1 udp \d+ \S+ (\d+)/im)),
    imsPort: Number(found(imsOffer, /^m=audio (\d+)/m)),
  };
}
