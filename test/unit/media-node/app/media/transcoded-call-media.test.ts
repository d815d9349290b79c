import {
  amrWbAnswer,
  aTranscodedCall,
  audio,
  codeOf,
  TENANT,
  taken,
} from '../../../../support/a-transcoded-call.ts';
import { aBrowserSdp, anImsSdp } from '../../../../support/an-sdp.ts';
import { FakeTranscoder } from '../../../../support/fake-transcoder.ts';

describe('MED-8: a call from a browser to phones', () => {
  it('offers IMS what passes through, then what is made of Opus, with events at every clock', async () => {
    const { media } = aTranscodedCall();

    const { accessAnswer, imsOffer } = taken(await media.takeBrowserOffer(aBrowserSdp()));

    expect(audio(imsOffer)).toBe('m=audio 40000 RTP/AVP 9 8 104 105 106 107 101 102');
    expect(imsOffer).toContain('a=fmtp:104 mode-change-capability=2;max-red=80\r\n');
    expect(imsOffer).toContain('a=fmtp:105 octet-align=1;mode-change-capability=2;max-red=80\r\n');
    expect(imsOffer).toContain('a=rtpmap:104 AMR-WB/16000\r\n');
    expect(imsOffer).toContain('a=ptime:20\r\na=maxptime:240\r\n');
    expect(audio(accessAnswer)).toBe('m=audio 5000 UDP/TLS/RTP/SAVPF 9 8 111 110 126');
  });

  it('answered with AMR-WB has the browser send Opus, and goes by the transcoder', async () => {
    const { media, transcoder, call } = aTranscodedCall();
    taken(await media.takeBrowserOffer(aBrowserSdp()));

    const { reoffer } = taken(media.takeImsAnswer(amrWbAnswer()));
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active', formats: '111 110' })));

    expect(audio(reoffer ?? '')).toBe('m=audio 5000 UDP/TLS/RTP/SAVPF 111 110');
    expect(transcoder.plans.at(-1)).toMatchObject({
      rateHz: 16_000,
      browser: { codec: 'opus', arriving: 111, leaving: 111 },
      ims: { codec: 'AMR-WB', arriving: 104, leaving: 104, leavingFormat: 'mode-set=0,1,2' },
    });
    expect(call.rewrite).toMatchObject({ clockRateHz: 16_000, browserClockRateHz: 48_000 });
    call.detour?.('ims', Uint8Array.of(1));
    expect(call.sent).toEqual([{ to: 'browser', packet: Uint8Array.of(1) }]);
    expect(media.codecs().ims).toBe('AMR-WB');
  });

  it('needs no second offer where the tenant has codecs of phones alone', async () => {
    const { media, transcoder } = aTranscodedCall({ codecs: ['AMR-WB'] });

    const { accessAnswer } = taken(await media.takeBrowserOffer(aBrowserSdp()));
    const { reoffer } = taken(media.takeImsAnswer(amrWbAnswer(105, 'octet-align=1')));

    expect(audio(accessAnswer)).toBe('m=audio 5000 UDP/TLS/RTP/SAVPF 111 110');
    expect(reoffer).toBeUndefined();
    expect(transcoder.plans.at(-1)?.ims).toMatchObject({
      arriving: 105,
      leavingFormat: 'octet-align=1',
    });
  });

  it('that passes through after all gives its place back', async () => {
    const { media, transcoder, call } = aTranscodedCall();
    taken(await media.takeBrowserOffer(aBrowserSdp()));
    const whileOffered = transcoder.load.used;

    taken(media.takeImsAnswer(anImsSdp({ formats: '9 101' })));

    expect(whileOffered).toBe(1);
    expect(transcoder.load.used).toBe(0);
    expect(call.detour).toBeUndefined();
  });

  it('gives its place back when it ends', async () => {
    const { media, transcoder } = aTranscodedCall();
    taken(await media.takeBrowserOffer(aBrowserSdp()));
    taken(media.takeImsAnswer(amrWbAnswer()));

    await media.close();

    expect(transcoder.load.used).toBe(0);
    expect(transcoder.isStarted).toBe(false);
  });

  it('whose plan is said again goes on undisturbed', async () => {
    const { media, transcoder } = aTranscodedCall({ codecs: ['AMR-WB'] });
    taken(await media.takeBrowserOffer(aBrowserSdp()));
    taken(media.takeImsAnswer(amrWbAnswer()));

    taken(media.takeImsReoffer(amrWbAnswer()));

    expect(transcoder.plans.length).toBeLessThanOrEqual(2);
    expect(transcoder.load.used).toBe(1);
  });
});

describe('MED-8: a call from a phone to a browser', () => {
  const phoneOffer = (codecs = '97 98 102', more: readonly string[] = []) =>
    anImsSdp({
      formats: codecs,
      audioLines: [
        'a=rtpmap:96 EVS/16000',
        'a=rtpmap:97 AMR-WB/16000',
        'a=fmtp:97 octet-align=1;mode-set=0,1,2;max-red=220',
        'a=rtpmap:98 AMR/8000',
        'a=rtpmap:102 telephone-event/16000',
        ...more,
      ],
    });

  it('offers the browser Opus, and answers AMR-WB as it was offered', async () => {
    const { media, transcoder } = aTranscodedCall();

    const { accessOffer } = taken(await media.takeImsOffer(phoneOffer()));
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active', formats: '111 110' })));
    const answer = taken(media.imsAnswer());

    expect(audio(accessOffer)).toBe('m=audio 5000 UDP/TLS/RTP/SAVPF 111 110');
    expect(audio(answer)).toBe('m=audio 40000 RTP/AVP 97 102');
    expect(answer).toContain(
      'a=fmtp:97 octet-align=1;mode-set=0,1,2;mode-change-capability=2;max-red=80\r\n',
    );
    expect(transcoder.plans.at(-1)?.ims).toMatchObject({
      codec: 'AMR-WB',
      arriving: 97,
      leaving: 97,
    });
  });

  it('passes EVS over for what it can', async () => {
    const { media } = aTranscodedCall();

    taken(await media.takeImsOffer(phoneOffer('96 97 98 102')));
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active', formats: '111 110' })));

    expect(audio(taken(media.imsAnswer()))).toBe('m=audio 40000 RTP/AVP 97 102');
  });

  const WITH_EVS = ['opus', 'EVS', 'AMR-WB', 'AMR'] as const;

  it('answers EVS where a library is there for it', async () => {
    const transcoder = new FakeTranscoder({ codecs: WITH_EVS });
    const { media } = aTranscodedCall({ transcoder, codecs: ['EVS', ...TENANT] });
    const offer = phoneOffer('96 97 98 102', ['a=fmtp:96 br=5.9-24.4;bw=nb-swb;max-red=220']);

    taken(await media.takeImsOffer(offer));
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active', formats: '111 110' })));
    const answer = taken(media.imsAnswer());

    expect(audio(answer)).toBe('m=audio 40000 RTP/AVP 96 102');
    expect(answer).toContain('a=fmtp:96 br=5.9-24.4;bw=nb-swb;ch-aw-recv=-1;max-red=0\r\n');
    expect(transcoder.plans.at(-1)).toMatchObject({ rateHz: 16_000, ims: { codec: 'EVS' } });
  });

  it.each([
    ['without a library', [...WITH_EVS].filter((it) => it !== 'EVS'), 'br=13.2'],
    ['that begins in AMR-WB IO', WITH_EVS, 'evs-mode-switch=1'],
    ['of two channels', WITH_EVS, 'ch-recv=2'],
  ] as const)('passes EVS over %s', async (_name, codecs, format) => {
    const transcoder = new FakeTranscoder({ codecs });
    const { media } = aTranscodedCall({ transcoder, codecs: ['EVS', ...TENANT] });

    taken(await media.takeImsOffer(phoneOffer('96 97 98 102', [`a=fmtp:96 ${format}`])));
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active', formats: '111 110' })));

    expect(audio(taken(media.imsAnswer()))).toBe('m=audio 40000 RTP/AVP 97 102');
  });

  it('offers EVS first where the tenant does, and only with a library', async () => {
    const offered = async (codecs: readonly ('opus' | 'EVS' | 'AMR-WB')[]) => {
      const { media } = aTranscodedCall({
        transcoder: new FakeTranscoder({ codecs }),
        codecs: ['EVS', 'AMR-WB'],
      });
      return taken(await media.takeBrowserOffer(aBrowserSdp())).imsOffer;
    };

    const withLibrary = await offered(['opus', 'EVS', 'AMR-WB']);

    expect(audio(withLibrary)).toBe('m=audio 40000 RTP/AVP 108 104 105 102');
    expect(withLibrary).toContain('a=rtpmap:108 EVS/16000\r\n');
    expect(await offered(['opus', 'AMR-WB'])).not.toContain('EVS');
  });

  it('passes through where it can, though AMR-WB was named first', async () => {
    const { media, transcoder } = aTranscodedCall();

    const { accessOffer } = taken(await media.takeImsOffer(phoneOffer('97 8 101')));
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active', formats: '8 126' })));
    const answer = taken(media.imsAnswer());

    expect(audio(accessOffer)).toBe('m=audio 5000 UDP/TLS/RTP/SAVPF 8 111 101 110');
    expect(audio(answer)).toBe('m=audio 40000 RTP/AVP 8 101');
    expect(transcoder.load.used).toBe(0);
  });

  it('answered before the browser has spoken is settled on the same terms', async () => {
    const { media, transcoder } = aTranscodedCall();

    const { accessOffer, imsAnswer } = taken(await media.answerImsOffer(phoneOffer()));
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active', formats: '111 110' })));

    expect(audio(accessOffer)).toBe('m=audio 5000 UDP/TLS/RTP/SAVPF 111 110');
    expect(audio(imsAnswer)).toBe('m=audio 40000 RTP/AVP 97 102');
    expect(transcoder.plans).toHaveLength(1);
  });

  it('without an offer is offered everything, and transcoded by the answer', async () => {
    const { media, transcoder } = aTranscodedCall();

    taken(await media.takeImsOffer(undefined));
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active', formats: '111 9 8 110 126' })));
    const offer = taken(media.imsAnswer());
    taken(media.takeImsAnswer(amrWbAnswer()));

    expect(audio(offer)).toBe('m=audio 40000 RTP/AVP 9 8 104 105 106 107 101 102');
    expect(transcoder.plans.at(-1)?.ims.codec).toBe('AMR-WB');
  });

  it('takes up another codec in a re-INVITE, from through to transcoded and back', async () => {
    const { media, transcoder, call } = aTranscodedCall();
    taken(await media.takeBrowserOffer(aBrowserSdp()));
    taken(media.takeImsAnswer(anImsSdp({ formats: '9 101' })));

    const { reoffer } = taken(media.takeImsReoffer(phoneOffer()));
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active', formats: '111 110' })));
    const isDiverted = call.detour !== undefined;

    expect(audio(reoffer ?? '')).toContain(' 111 ');
    expect(isDiverted).toBe(true);
    expect(transcoder.plans.at(-1)?.ims.codec).toBe('AMR-WB');
  });
});

describe('OPS-4: a node that transcodes as many calls as it may', () => {
  it('offers what passes through, and counts no place', async () => {
    const transcoder = new FakeTranscoder({ capacity: 0 });
    const { media } = aTranscodedCall({ transcoder });

    const { imsOffer, accessAnswer } = taken(await media.takeBrowserOffer(aBrowserSdp()));

    expect(audio(imsOffer)).toBe('m=audio 40000 RTP/AVP 9 8 101');
    expect(audio(accessAnswer)).toBe('m=audio 5000 UDP/TLS/RTP/SAVPF 9 8 126');
  });

  it('refuses a call that nothing passes through for', async () => {
    const { media } = aTranscodedCall({
      transcoder: new FakeTranscoder({ capacity: 0 }),
      codecs: ['AMR-WB'],
    });

    expect(codeOf(await media.takeBrowserOffer(aBrowserSdp()))).toBe('sdp.no-common-codec');
  });

  it('refuses every call that might need it, where the operator wants that', async () => {
    const transcoder = new FakeTranscoder({ capacity: 0 });
    const { media } = aTranscodedCall({ transcoder, whenFull: 'refuse' });

    expect(codeOf(await media.takeBrowserOffer(aBrowserSdp()))).toBe('node.at-capacity');
  });

  it('gives a place to the next call when one ends', async () => {
    const transcoder = new FakeTranscoder({ capacity: 1 });
    const first = aTranscodedCall({ transcoder, codecs: ['AMR-WB'] });
    const second = aTranscodedCall({ transcoder, codecs: ['AMR-WB'] });
    taken(await first.media.takeBrowserOffer(aBrowserSdp()));
    const refused = codeOf(await second.media.takeBrowserOffer(aBrowserSdp()));

    await first.media.close();

    expect(refused).toBe('sdp.no-common-codec');
    expect(codeOf(await second.media.takeBrowserOffer(aBrowserSdp()))).toBe('ok');
  });
});
