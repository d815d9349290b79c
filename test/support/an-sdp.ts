const FINGERPRINT = `sha-256 ${Array.from({ length: 32 }, () => 'CD').join(':')}`;

const lines = (...texts: readonly (string | readonly string[])[]): string =>
  `${texts.flat().join('\r\n')}\r\n`;

export interface BrowserSdp {
  readonly setup?: string;
  readonly formats?: string;
  readonly direction?: string;
  readonly audioLines?: readonly string[];
  readonly sections?: readonly string[];
  readonly candidates?: readonly string[];
}

/** Audio as Chromium writes it, cut down to what is looked at. */
export function aBrowserSdp(options: BrowserSdp = {}): string {
  const { setup = 'actpass', direction = 'sendrecv', sections = [], candidates = [] } = options;
  const formats = options.formats ?? '111 63 9 0 8 13 110 126';
  return lines(
    'v=0',
    'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'a=msid-semantic: WMS',
    `m=audio 9 UDP/TLS/RTP/SAVPF ${formats}`,
    'c=IN IP4 0.0.0.0',
    'a=rtcp:9 IN IP4 0.0.0.0',
    candidates.map((it) => `a=candidate:${it}`),
    'a=ice-ufrag:wxyz',
    'a=ice-pwd:abcdefghijklmnopqrstuvwx',
    'a=ice-options:trickle',
    `a=fingerprint:${FINGERPRINT}`,
    `a=setup:${setup}`,
    'a=mid:0',
    'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
    `a=${direction}`,
    'a=rtcp-mux',
    'a=rtcp-rsize',
    'a=rtpmap:111 opus/48000/2',
    'a=rtcp-fb:111 transport-cc',
    'a=fmtp:111 minptime=10;useinbandfec=1',
    'a=rtpmap:63 red/48000/2',
    'a=rtpmap:9 G722/8000',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:13 CN/8000',
    'a=rtpmap:110 telephone-event/48000',
    'a=rtpmap:126 telephone-event/8000',
    options.audioLines ?? [],
    sections,
  );
}

export const aVideoSection = (mid: string): readonly string[] => [
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'c=IN IP4 0.0.0.0',
  `a=mid:${mid}`,
  'a=rtpmap:96 VP8/90000',
];

/** A browser's answer to an offer of ours: as it stands, with its own words for itself. */
export const answerTo = (offer: string): string =>
  offer
    .replaceAll('a=setup:actpass', 'a=setup:active')
    .replaceAll(/a=ice-pwd:.*/g, 'a=ice-pwd:abcdefghijklmnopqrstuvwx');

export interface ImsSdp {
  readonly address?: string;
  readonly port?: number;
  readonly profile?: string;
  readonly formats?: string;
  readonly audioLines?: readonly string[];
  readonly sections?: readonly string[];
}

export function anImsSdp(options: ImsSdp = {}): string {
  const { address = '198.51.100.9', port = 30_000, profile = 'RTP/AVP' } = options;
  return lines(
    'v=0',
    `o=pcscf 1 1 IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    `m=audio ${String(port)} ${profile} ${options.formats ?? '9 101'}`,
    'a=rtpmap:101 telephone-event/8000',
    options.audioLines ?? [],
    options.sections ?? [],
  );
}
