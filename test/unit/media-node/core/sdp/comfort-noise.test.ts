import { aTranscodedCall, audio, taken } from '../../../../support/a-transcoded-call.ts';
import { aBrowserSdp, anImsSdp } from '../../../../support/an-sdp.ts';

const NOISE = { arriving: 13, leaving: 13, clockRateHz: 8000 };
const OPUS_ALONE = aBrowserSdp({ formats: '111 110' });
const aPhoneSdp = (formats: string) =>
  anImsSdp({ formats, audioLines: ['a=rtpmap:13 CN/8000', 'a=rtpmap:9 G722/8000'] });

describe('MED-8: comfort noise (RFC 3389) where we make the codec', () => {
  it.each(['PCMA', 'PCMU', 'G722'])(
    'is offered to IMS beside %s, at its static number',
    async (codec) => {
      const { media } = aTranscodedCall({ codecs: [codec] });

      const { imsOffer, accessAnswer } = taken(await media.takeBrowserOffer(OPUS_ALONE));

      expect(audio(imsOffer)).toMatch(/^m=audio 40000 RTP\/AVP (8|0|9) 13 101$/);
      expect(imsOffer).toContain('a=rtpmap:13 CN/8000\r\n');
      expect(accessAnswer).not.toContain('CN/');
    },
  );

  it('is in the plan once IMS has agreed, and not before', async () => {
    for (const [formats, noise] of [
      ['8 13 101', NOISE],
      ['8 101', undefined],
    ] as const) {
      const { media, transcoder } = aTranscodedCall({ codecs: ['PCMA'] });
      taken(await media.takeBrowserOffer(OPUS_ALONE));

      taken(media.takeImsAnswer(aPhoneSdp(formats)));

      expect(transcoder.plans.at(-1)?.ims.codec).toBe('PCMA');
      expect(transcoder.plans.at(-1)?.ims.noise).toEqual(noise);
    }
  });

  it('is answered to a phone that offers it in the middle of a call', async () => {
    const { media, transcoder } = aTranscodedCall({ codecs: ['PCMA'] });
    taken(await media.takeBrowserOffer(OPUS_ALONE));
    taken(media.takeImsAnswer(aPhoneSdp('8 101')));

    const { imsAnswer } = taken(media.takeImsReoffer(aPhoneSdp('8 13 101')));

    expect(audio(imsAnswer)).toBe('m=audio 40000 RTP/AVP 8 13 101');
    expect(transcoder.plans.at(-1)?.ims.noise).toEqual(NOISE);
  });

  it.each([
    ['passes through', ['PCMA'], aBrowserSdp()],
    [
      'is made, another passes through',
      ['PCMA', 'G722'],
      aBrowserSdp({ formats: '111 8 110 126' }),
    ],
    ['has its own', ['AMR-WB'], OPUS_ALONE],
  ] as const)('is not offered where the codec %s', async (_name, codecs, offer) => {
    const { media } = aTranscodedCall({ codecs });

    expect(taken(await media.takeBrowserOffer(offer)).imsOffer).not.toContain('CN/');
  });
});

describe('MED-8: comfort noise (RFC 3389 §4) of a codec that passes through', () => {
  const lines = (sdp: string) => sdp.split('\r\n').filter((it) => /CN\/|^m=audio/.test(it));

  it('is left out of what a browser that has it is answered, and of what IMS is offered', async () => {
    const { media, call } = aTranscodedCall({ codecs: ['PCMA', 'PCMU'] });

    const { imsOffer, accessAnswer } = taken(await media.takeBrowserOffer(aBrowserSdp()));
    taken(media.takeImsAnswer(aPhoneSdp('8 13 101')));

    expect(lines(imsOffer)).toEqual(['m=audio 40000 RTP/AVP 8 0 101']);
    expect(lines(accessAnswer)).toEqual(['m=audio 5000 UDP/TLS/RTP/SAVPF 8 0 126']);
    expect([...(call.rewrite?.payloadToBrowser.keys() ?? [])]).toEqual([8, 0, 101]);
    expect(call.rewrite?.payloadToIms.has(13)).toBe(false);
  });

  it('is left out of what a phone that has it is answered, and of what the browser is offered', async () => {
    const { media, call } = aTranscodedCall({ codecs: ['PCMA', 'PCMU'] });

    const { accessOffer } = taken(await media.takeImsOffer(aPhoneSdp('8 13 101')));
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active', formats: '8 13 126' })));
    const answer = taken(media.imsAnswer());

    expect(lines(accessOffer)).toEqual(['m=audio 5000 UDP/TLS/RTP/SAVPF 8 101']);
    expect(lines(answer)).toEqual(['m=audio 40000 RTP/AVP 8 101']);
    expect(call.rewrite?.payloadToBrowser.has(13)).toBe(false);
    expect(call.rewrite?.payloadToIms.has(13)).toBe(false);
  });
});

describe('MED-8: keys toward a phone without telephone-events', () => {
  it('are told by their tones in what is transcoded', async () => {
    const { media, transcoder } = aTranscodedCall({ codecs: ['PCMA'] });
    taken(await media.takeBrowserOffer(OPUS_ALONE));

    taken(media.takeImsAnswer(aPhoneSdp('8')));

    expect(transcoder.plans.at(-1)?.ims).toMatchObject({ hearsTones: true });
    expect(transcoder.plans.at(-1)?.ims.events).toBeUndefined();
  });
});
