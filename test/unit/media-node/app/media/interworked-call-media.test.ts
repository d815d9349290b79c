import { createCallMediaFactory } from '../../../../../media-node/src/app/media/call-media-factory.ts';
import type { CallMedia } from '../../../../../media-node/src/ports/call-media.ts';
import type { IwfError } from '../../../../../shared/src/errors/iwf-error.ts';
import type { Result } from '../../../../../shared/src/result.ts';
import { aBrowserSdp, anImsSdp, aVideoSection } from '../../../../support/an-sdp.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';
import { RecordingMediaPlane } from '../../../../support/recording-media-plane.ts';

const ALL = ['G722', 'PCMA', 'PCMU', 'opus'];
const OPEN = { toIms: true, toBrowser: true };
const LISTEN = { toIms: false, toBrowser: true };

function aCallMedia(codecs: readonly string[] = ALL, learnsSource?: boolean) {
  const plane = new RecordingMediaPlane();
  const ids = { random: () => 'random', uuid: () => 'uuid' };
  const factory = createCallMediaFactory(
    { plane, ids, clock: new FakeClock() },
    { addressPolicy: { allowLocal: false, refusedRanges: ['10.0.0.0/16'] } },
  );
  const media = factory.create({ callId: 'call-0001', codecs, learnsSource }, () => undefined);
  return { media, call: plane.call };
}

function taken<T>(result: Result<T, IwfError>): T {
  if (!result.ok) throw result.error;
  return result.value;
}
const codeOf = (result: Result<unknown, IwfError>) => (result.ok ? 'ok' : result.error.code);
const mLines = (sdp: string) => sdp.split('\r\n').filter((line) => line.startsWith('m='));

async function called(media: CallMedia, offer = aBrowserSdp()) {
  return taken(await media.takeBrowserOffer(offer));
}

describe('SES-1: the offer of a browser', () => {
  it('becomes an early answer and an IMS offer of the same preference', async () => {
    const { media, call } = aCallMedia();

    const { accessAnswer, imsOffer } = await called(media);

    expect(mLines(accessAnswer)).toEqual(['m=audio 5000 UDP/TLS/RTP/SAVPF 9 8 0 111 110 126']);
    expect(mLines(imsOffer)).toEqual(['m=audio 40000 RTP/AVP 9 8 0 111 101 110']);
    expect(accessAnswer).toContain('a=setup:passive\r\n');
    expect(call.remoteAccess).toMatchObject({ usernameFragment: 'wxyz', weControl: false });
  });

  it('loses its video and data in their places, and BUNDLE names audio alone (MED-2)', async () => {
    const { media } = aCallMedia();
    const data = ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'a=mid:2'];

    const { accessAnswer, imsOffer } = await called(
      media,
      aBrowserSdp({ sections: [...aVideoSection('1'), ...data] }),
    );

    expect(mLines(accessAnswer).slice(1)).toEqual([
      'm=video 0 UDP/TLS/RTP/SAVPF 96',
      'm=application 0 UDP/DTLS/SCTP webrtc-datachannel',
    ]);
    expect(accessAnswer).toContain('a=group:BUNDLE 0\r\n');
    expect(mLines(imsOffer)).toHaveLength(1);
  });

  it('shows IMS nothing of the browser: no mux, no ICE, no address of its own (MED-1, MED-3)', async () => {
    const { media } = aCallMedia();
    const candidates = ['1 1 udp 1 203.0.113.5 4000 typ host'];

    const { imsOffer } = await called(media, aBrowserSdp({ candidates }));

    expect(imsOffer).not.toMatch(/203\.0\.113|candidate|ice-|fingerprint|rtcp-mux|BUNDLE|msid/);
    expect(imsOffer).toContain('a=rtcp:40001\r\n');
    expect(imsOffer).toContain('a=ptime:20\r\n');
  });

  it('without a codec we may use is refused as such', async () => {
    const { media } = aCallMedia(['PCMU']);

    expect(codeOf(await media.takeBrowserOffer(aBrowserSdp({ formats: '111 9' })))).toBe(
      'sdp.no-common-codec',
    );
  });

  it.each([
    ['text that is no SDP', 'hello'],
    ['no audio', 'v=0\r\ns=-\r\n'],
    ['a browser that must be the DTLS server', aBrowserSdp({ setup: 'passive' })],
    ['SDES instead of DTLS', aBrowserSdp().replaceAll(/a=fingerprint.*\r\n/g, 'a=crypto:1 x\r\n')],
    ['no rtcp-mux', aBrowserSdp().replace('a=rtcp-mux\r\n', '')],
    ['a short ICE password', aBrowserSdp().replace(/ice-pwd:.*/, 'ice-pwd:short')],
    [
      'too many sections',
      aBrowserSdp({ sections: Array.from({ length: 8 }, () => 'm=video 9 X 1') }),
    ],
    [
      'too much text',
      aBrowserSdp({ audioLines: Array.from({ length: 1200 }, () => 'a=x:0123456789') }),
    ],
  ])('is refused as malformed: %s', async (_name, sdp) => {
    const { media } = aCallMedia();

    expect(codeOf(await media.takeBrowserOffer(sdp))).toBe('sdp.malformed');
  });

  it('keeps trickled candidates that came before it', async () => {
    const { media, call } = aCallMedia();
    media.addCandidates(['candidate:early']);

    await called(media);
    media.addCandidates(['candidate:late']);

    expect(call.candidates).toEqual(['candidate:early', 'candidate:late']);
  });

  it('closes what was still being opened when the call ended meanwhile', async () => {
    const { media, call } = aCallMedia();

    const taking = media.takeBrowserOffer(aBrowserSdp());
    await media.close();

    expect(codeOf(await taking)).toBe('call.wrong-state');
    expect(call.isClosed).toBe(true);
  });
});

describe('SES-1: the answer of IMS', () => {
  it('that begins with what the browser sends first needs no re-offer', async () => {
    const { media, call } = aCallMedia();
    await called(media);
    media.setGate(OPEN);

    expect(taken(media.takeImsAnswer(anImsSdp()))).toEqual({});
    expect(call.remoteIms).toEqual({ address: '198.51.100.9', rtpPort: 30_000, rtcpPort: 30_001 });
    expect(call.gate).toEqual(OPEN);
    expect(call.rewrite?.payloadToIms).toEqual(
      new Map([
        [9, 9],
        [126, 101],
      ]),
    );
    expect(call.rewrite?.payloadToBrowser.get(101)).toBe(126);
  });

  it('that picks another codec is re-offered on the warm transport, gate shut until answered', async () => {
    const { media, call } = aCallMedia();
    const { accessAnswer } = await called(media, aBrowserSdp({ sections: aVideoSection('1') }));
    media.setGate(OPEN);

    const { reoffer = '' } = taken(media.takeImsAnswer(anImsSdp({ formats: '0 101' })));
    const gateMeanwhile = call.gate;
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active', formats: '0 126' })));

    expect(mLines(reoffer)).toEqual([
      'm=audio 5000 UDP/TLS/RTP/SAVPF 0 126',
      'm=video 0 UDP/TLS/RTP/SAVPF 96',
    ]);
    expect(reoffer).toContain('a=setup:actpass\r\n');
    for (const same of ['a=ice-ufrag:', 'a=ice-pwd:', 'a=fingerprint:', 'a=mid:']) {
      const lineOf = (sdp: string) => sdp.split('\r\n').find((line) => line.startsWith(same));
      expect(lineOf(reoffer)).toBe(lineOf(accessAnswer));
    }
    expect(gateMeanwhile).toEqual(LISTEN);
    expect(call.gate).toEqual(OPEN);
    expect(call.rewrite?.payloadToIms).toEqual(
      new Map([
        [0, 0],
        [126, 101],
      ]),
    );
  });

  it('changes nothing when it comes again, even while the re-offer is open', async () => {
    const { media, call } = aCallMedia();
    await called(media);
    taken(media.takeImsAnswer(anImsSdp({ formats: '8' })));
    const { rewrite } = call;

    expect(taken(media.takeImsAnswer(anImsSdp({ formats: '8' })))).toEqual({});
    expect(call.rewrite).toBe(rewrite);
  });

  it('with none of our codecs is refused and changes nothing', async () => {
    const { media, call } = aCallMedia();
    await called(media);

    expect(codeOf(media.takeImsAnswer(anImsSdp({ formats: '18' })))).toBe('sdp.no-common-codec');
    expect(call.remoteIms).toBeUndefined();
  });

  it.each(['127.0.0.1', '169.254.169.254', '10.0.3.4', '224.0.0.1', 'media.example'])(
    'cannot make us send to %s (SEC-3)',
    async (address) => {
      const { media, call } = aCallMedia();
      await called(media);

      expect(codeOf(media.takeImsAnswer(anImsSdp({ address })))).toBe('sdp.malformed');
      expect(call.remoteIms).toBeUndefined();
    },
  );

  it('names its RTCP port where it is not the next (RFC 3605)', async () => {
    const { media, call } = aCallMedia();
    await called(media);

    taken(media.takeImsAnswer(anImsSdp({ audioLines: ['a=rtcp:30555 IN IP4 203.0.113.1'] })));

    expect(call.remoteIms?.rtcpPort).toBe(30_555);
  });

  it('may be AVPF (MED-10)', async () => {
    const { media } = aCallMedia();
    await called(media);

    expect(codeOf(media.takeImsAnswer(anImsSdp({ profile: 'RTP/AVPF' })))).toBe('ok');
  });
});

describe('SES-2: the offer of IMS', () => {
  it('is offered to the browser and answered to IMS with one codec once the browser answered', async () => {
    const { media, call } = aCallMedia();

    const { accessOffer } = taken(await media.takeImsOffer(anImsSdp({ formats: '8 9 101' })));
    const tooEarly = media.imsAnswer();
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active', formats: '8 9 126' })));
    const answer = taken(media.imsAnswer());

    expect(mLines(accessOffer)).toEqual(['m=audio 5000 UDP/TLS/RTP/SAVPF 8 9 101']);
    expect(accessOffer).toContain('a=setup:actpass\r\n');
    expect(codeOf(tooEarly)).toBe('call.wrong-state');
    expect(mLines(answer)).toEqual(['m=audio 40000 RTP/AVP 8 101']);
    expect(call.remoteAccess).toMatchObject({ weControl: true });
    expect(call.remoteIms?.rtpPort).toBe(30_000);
  });

  it('keeps the number IMS gave to opus, whatever the browser calls it', async () => {
    const { media, call } = aCallMedia();
    const audioLines = ['a=rtpmap:96 opus/48000/2'];

    taken(await media.takeImsOffer(anImsSdp({ formats: '96', audioLines })));
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active', formats: '111' })));

    expect(mLines(taken(media.imsAnswer()))).toEqual(['m=audio 40000 RTP/AVP 96']);
    expect(call.rewrite?.payloadToIms).toEqual(new Map([[111, 96]]));
    expect(call.rewrite?.payloadToBrowser).toEqual(new Map([[96, 111]]));
    expect(call.rewrite?.clockRateHz).toBe(48_000);
  });

  it('answered by a browser without a common codec is refused', async () => {
    const { media } = aCallMedia();
    taken(await media.takeImsOffer(anImsSdp({ formats: '9' })));

    expect(codeOf(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active', formats: '0' })))).toBe(
      'sdp.no-common-codec',
    );
  });

  it('is answered section by section, everything but audio refused', async () => {
    const { media } = aCallMedia();
    const sections = ['m=video 31000 RTP/AVP 99', 'm=text 31002 RTP/AVP 98'];

    taken(await media.takeImsOffer(anImsSdp({ profile: 'RTP/AVPF', sections })));
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active', formats: '9 126' })));

    expect(mLines(taken(media.imsAnswer()))).toEqual([
      'm=audio 40000 RTP/AVPF 9 101',
      'm=video 0 RTP/AVP 99',
      'm=text 0 RTP/AVP 98',
    ]);
  });

  it('is ours where the INVITE has none, and the ACK answers it (SES-4)', async () => {
    const { media } = aCallMedia(['PCMA', 'G722']);

    taken(await media.takeImsOffer(undefined));
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active', formats: '8 9 126' })));
    const ours = taken(media.imsAnswer());
    const { reoffer } = taken(media.takeImsAnswer(anImsSdp({ formats: '8' })));

    expect(mLines(ours)).toEqual(['m=audio 40000 RTP/AVP 8 9 101']);
    expect(reoffer).toBeUndefined();
  });
});

describe('SES-3: IMS answered before the browser has said anything', () => {
  it('settles the codec, and offers the browser nothing else', async () => {
    const { media, call } = aCallMedia();

    const { accessOffer, imsAnswer } = taken(
      await media.answerImsOffer(anImsSdp({ formats: '8 9 101' })),
    );
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active' })));

    expect(mLines(imsAnswer)).toEqual(['m=audio 40000 RTP/AVP 8 101']);
    expect(mLines(accessOffer)).toEqual(['m=audio 5000 UDP/TLS/RTP/SAVPF 8 101']);
    expect(taken(media.imsAnswer())).toBe(imsAnswer);
    expect(call.remoteIms).toBeDefined();
  });

  it('needs the browser’s answer all the same', async () => {
    const { media } = aCallMedia();
    taken(await media.answerImsOffer(anImsSdp()));

    expect(codeOf(media.imsAnswer())).toBe('call.wrong-state');
  });

  it('offers first where IMS leaves it to us, and follows its answer', async () => {
    const { media } = aCallMedia();
    const { imsAnswer: ourOffer } = taken(await media.answerImsOffer(undefined));

    const { reoffer = '' } = taken(media.takeImsAnswer(anImsSdp({ formats: '8 101' })));
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active' })));

    expect(mLines(ourOffer)).toEqual(['m=audio 40000 RTP/AVP 9 8 0 111 101 110']);
    expect(mLines(reoffer)).toEqual(['m=audio 5000 UDP/TLS/RTP/SAVPF 8 101']);
    expect(taken(media.imsAnswer())).toBe(ourOffer);
  });

  it('refuses an offer without a codec of ours, and one that cannot be read', async () => {
    expect(codeOf(await aCallMedia(['opus']).media.answerImsOffer(anImsSdp()))).toBe(
      'sdp.no-common-codec',
    );
    expect(codeOf(await aCallMedia().media.answerImsOffer('nonsense'))).toBe('sdp.malformed');
  });
});

describe('SES-3: an offer of IMS’s before the answer, RFC 3311 §5.1', () => {
  const early = async (formats = '8 9 101') => {
    const made = aCallMedia();
    return { ...made, ...taken(await made.media.answerImsOffer(anImsSdp({ formats }))) };
  };
  const accept = (media: CallMedia, formats?: string) =>
    media.takeBrowserAnswer(aBrowserSdp({ setup: 'active', ...(formats && { formats }) }));

  it.each([true, false])('moves media and keeps what the browser has, told: %s', async (isTold) => {
    const { media, call } = await early();
    const moved = anImsSdp({ formats: '9 8 101', address: '198.51.100.77', port: 31_000 });

    const { imsAnswer, reoffer } = taken(media.takeEarlyOffer(moved, { isTold }));
    taken(accept(media));

    expect(mLines(imsAnswer)).toEqual(['m=audio 40000 RTP/AVP 8 101']);
    expect(reoffer).toBeUndefined();
    expect(call.remoteIms).toMatchObject({ address: '198.51.100.77', rtpPort: 31_000 });
    expect(taken(media.imsAnswer())).toBe(imsAnswer);
    expect(media.owedReoffer()).toEqual({});
  });

  it('in another codec replaces what the browser has not been told', async () => {
    const { media } = await early();

    const { imsAnswer, reoffer = '' } = taken(
      media.takeEarlyOffer(anImsSdp({ formats: '0 101' }), { isTold: false }),
    );
    taken(accept(media));

    expect(mLines(imsAnswer)).toEqual(['m=audio 40000 RTP/AVP 0 101']);
    expect(mLines(reoffer)).toEqual(['m=audio 5000 UDP/TLS/RTP/SAVPF 0 101']);
    expect(media.owedReoffer()).toEqual({});
  });

  it('in another codec waits for a browser that rings, and shuts the gate until it follows', async () => {
    const { media, call } = await early();
    const offer = anImsSdp({ formats: '0 101' });

    const { imsAnswer, reoffer } = taken(media.takeEarlyOffer(offer, { isTold: true }));
    taken(accept(media, '8 126'));
    const answer = taken(media.imsAnswer());
    const owed = media.owedReoffer();
    media.setGate(OPEN);
    const gateBefore = call.gate;
    taken(accept(media, '0 126'));

    expect(reoffer).toBeUndefined();
    expect(answer).toBe(imsAnswer);
    expect(mLines(owed.reoffer ?? '')).toEqual(['m=audio 5000 UDP/TLS/RTP/SAVPF 0 101']);
    expect([gateBefore, call.gate]).toEqual([LISTEN, OPEN]);
    expect(media.owedReoffer()).toEqual({});
  });

  it('may hold the call while it rings', async () => {
    const { media } = await early();
    const held = anImsSdp({ formats: '8 101', audioLines: ['a=sendonly'] });

    const { imsAnswer } = taken(media.takeEarlyOffer(held, { isTold: true }));

    expect(imsAnswer).toContain('a=recvonly\r\n');
    expect(media.isHeldByIms()).toBe(true);
  });

  it.each([
    ['without a codec of ours', anImsSdp({ formats: '18 101' }), 'sdp.no-common-codec'],
    ['that cannot be read', 'nonsense', 'sdp.malformed'],
  ])('%s is refused and changes nothing', async (_, sdp, code) => {
    const { media, call, imsAnswer } = await early();

    expect(codeOf(media.takeEarlyOffer(sdp, { isTold: true }))).toBe(code);
    taken(accept(media));

    expect(taken(media.imsAnswer())).toBe(imsAnswer);
    expect(call.remoteIms).toMatchObject({ address: '198.51.100.9', rtpPort: 30_000 });
  });

  it('is what another device answers that wins, in another codec too', async () => {
    const { media, call } = aCallMedia();
    taken(await media.takeImsOffer(anImsSdp({ formats: '8 9 101' })));
    taken(accept(media, '8 9 126'));

    media.renewImsOffer(anImsSdp({ formats: '9 101', port: 31_000 }));

    expect(mLines(taken(media.imsAnswer()))).toEqual(['m=audio 40000 RTP/AVP 9 101']);
    expect(mLines(media.owedReoffer().reoffer ?? '')[0]).toContain('SAVPF 9 ');
    expect(call.remoteIms).toMatchObject({ rtpPort: 31_000 });
  });
});

describe('MED-12: the peer that an answer of IMS names', () => {
  it.each([
    ['alone is heard', undefined, undefined],
    ['may be learnt where the trunk allows it', true, true],
  ])('%s', async (_name, learnsSource, told) => {
    const { media, call } = aCallMedia(ALL, learnsSource);
    await called(media);

    taken(media.takeImsAnswer(anImsSdp()));

    expect(call.remoteIms?.learnsSource).toBe(told);
    expect(call.remoteIms).toMatchObject({ address: '198.51.100.9' });
  });
});
