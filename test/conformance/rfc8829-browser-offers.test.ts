import { readBrowserMedia } from '../../media-node/src/core/sdp/browser-reading.ts';

const FINGERPRINT = Array.from({ length: 32 }, () => '0F').join(':');

const FIREFOX = [
  'v=0',
  'o=mozilla...THIS_IS_SDPARTA-99.0 8175486018497853152 0 IN IP4 0.0.0.0',
  's=-',
  't=0 0',
  `a=fingerprint:sha-256 ${FINGERPRINT}`,
  'a=group:BUNDLE 0 1',
  'a=ice-options:trickle',
  'a=msid-semantic:WMS *',
  'm=audio 9 UDP/TLS/RTP/SAVPF 109 9 0 8 101',
  'c=IN IP4 0.0.0.0',
  'a=sendrecv',
  'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1',
  'a=fmtp:101 0-15',
  'a=ice-pwd:f9a8a1b9a8b5d4f3c2e1f0a9b8c7d6e5',
  'a=ice-ufrag:5d2f1a3b',
  'a=mid:0',
  'a=msid:{c1b2} {d3e4}',
  'a=rtcp-mux',
  'a=rtpmap:109 opus/48000/2',
  'a=rtpmap:9 G722/8000/1',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:101 telephone-event/8000/1',
  'a=setup:actpass',
  'a=ssrc:3059813345 cname:{a1b2}',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=sendrecv',
  'a=ice-pwd:f9a8a1b9a8b5d4f3c2e1f0a9b8c7d6e5',
  'a=ice-ufrag:5d2f1a3b',
  'a=mid:1',
  'a=setup:actpass',
  'a=sctp-port:5000',
].join('\r\n');

const SAFARI = [
  'v=0',
  'o=- 4500246473929316000 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'a=extmap-allow-mixed',
  'a=msid-semantic: WMS 7d9a',
  'm=audio 53210 UDP/TLS/RTP/SAVPF 111 63 9 102 0 8 13 110 126',
  'c=IN IP4 192.0.2.77',
  'a=rtcp:9 IN IP4 0.0.0.0',
  'a=candidate:3988 1 udp 2113937151 5a6b.local 53210 typ host generation 0 network-cost 999',
  'a=candidate:842 1 udp 1677729535 192.0.2.77 53210 typ srflx raddr 0.0.0.0 rport 0 generation 0',
  'a=ice-ufrag:Qk4+',
  'a=ice-pwd:Hn0Vq1rJzYb5kq8g/3kF+Xk1',
  'a=ice-options:trickle',
  `a=fingerprint:sha-256 ${FINGERPRINT}`,
  'a=setup:actpass',
  'a=mid:0',
  'a=sendrecv',
  'a=msid:7d9a 91c2',
  'a=rtcp-mux',
  'a=rtpmap:111 opus/48000/2',
  'a=rtcp-fb:111 transport-cc',
  'a=fmtp:111 minptime=10;useinbandfec=1',
  'a=rtpmap:63 red/48000/2',
  'a=fmtp:63 111/111',
  'a=rtpmap:9 G722/8000',
  'a=rtpmap:102 ILBC/8000',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:13 CN/8000',
  'a=rtpmap:110 telephone-event/48000',
  'a=rtpmap:126 telephone-event/8000',
].join('\r\n');

const namesOf = (sdp: string) => {
  const read = readBrowserMedia(sdp, 'offer');
  return read.ok
    ? read.value.codecs.map((it) => `${it.name}/${String(it.clockRateHz)}`)
    : read.error;
};

describe('RFC 8829 §5.2: the offer of Firefox', () => {
  it('is read with its fingerprint from the session and its codecs in order', () => {
    const read = readBrowserMedia(FIREFOX, 'offer');

    expect(namesOf(FIREFOX)).toEqual([
      'opus/48000',
      'G722/8000',
      'PCMU/8000',
      'PCMA/8000',
      'telephone-event/8000',
    ]);
    expect(read).toMatchObject({
      ok: true,
      value: {
        usernameFragment: '5d2f1a3b',
        fingerprints: { algorithm: 'sha-256', values: [FINGERPRINT] },
        sections: [
          { kind: 'audio', mid: '0' },
          { kind: 'application', mid: '1' },
        ],
      },
    });
  });
});

describe('RFC 8829 §5.2: the offer of Safari', () => {
  it('is read with its candidates; RED, iLBC and comfort noise are left', () => {
    const read = readBrowserMedia(SAFARI, 'offer');

    expect(namesOf(SAFARI)).toEqual([
      'opus/48000',
      'G722/8000',
      'PCMU/8000',
      'PCMA/8000',
      'telephone-event/48000',
      'telephone-event/8000',
    ]);
    expect(read.ok && read.value.candidates).toHaveLength(2);
  });

  it('may bundle its audio under video: port 0, but not refused (RFC 8843 §6)', () => {
    const bundled = SAFARI.replace('m=audio 53210', 'm=audio 0').replace(
      'a=mid:0',
      'a=mid:0\r\na=bundle-only',
    );

    expect(readBrowserMedia(bundled, 'offer').ok).toBe(true);
    expect(readBrowserMedia(SAFARI.replace('m=audio 53210', 'm=audio 0'), 'offer').ok).toBe(false);
  });
});

describe('RFC 8122 §5: the fingerprint', () => {
  const withFingerprint = (value: string) =>
    readBrowserMedia(SAFARI.replace(`sha-256 ${FINGERPRINT}`, value), 'offer').ok;

  it.each([
    [
      'of a strong hash is taken',
      `sha-512 ${Array.from({ length: 64 }, () => 'aa').join(':')}`,
      true,
    ],
    ['of SHA-1 is not', `sha-1 ${Array.from({ length: 20 }, () => 'AA').join(':')}`, false],
    ['of the wrong length is not', `sha-256 ${FINGERPRINT}:00`, false],
    ['that is no hexadecimal is not', `sha-256 ${FINGERPRINT.replace('0F', 'XY')}`, false],
  ])('%s', (_name, value, isTaken) => {
    expect(withFingerprint(value)).toBe(isTaken);
  });
});
