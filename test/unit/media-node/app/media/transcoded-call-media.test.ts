import { createCallMediaFactory } from '../../../../../media-node/src/app/media/call-media-factory.ts';
import type { WhenFull } from '../../../../../media-node/src/app/media/voice-agreement.ts';
import type { IwfError } from '../../../../../shared/src/errors/iwf-error.ts';
import type { Result } from '../../../../../shared/src/result.ts';
import { aBrowserSdp, anImsSdp } from '../../../../support/an-sdp.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';
import { FakeTranscoder } from '../../../../support/fake-transcoder.ts';
import { RecordingMediaPlane } from '../../../../support/recording-media-plane.ts';

const TENANT = ['AMR-WB', 'AMR', 'G722', 'PCMA'];

function aCallMedia(
  options: {
    readonly transcoder?: FakeTranscoder;
    readonly codecs?: readonly string[];
    readonly whenFull?: WhenFull;
  } = {},
) {
  const { transcoder = new FakeTranscoder(), codecs = TENANT, whenFull = 'pass-through' } = options;
  const plane = new RecordingMediaPlane();
  const ids = { random: () => 'random', uuid: () => 'uuid' };
  const factory = createCallMediaFactory(
    { plane, ids, clock: new FakeClock(), transcoder },
    {
      addressPolicy: { allowLocal: false, refusedRanges: [] },
      whenTranscodersFull: whenFull,
    },
  );
  const media = factory.create({ callId: 'call-0001', codecs }, () => undefined);
  return { media, transcoder, call: plane.call };
}

function taken<T>(result: Result<T, IwfError>): T {
  if (!result.ok) throw result.error;
  return result.value;
}
const codeOf = (result: Result<unknown, IwfError>) => (result.ok ? 'ok' : result.error.code);
const audio = (sdp: string) => sdp.split('\r\n').find((line) => line.startsWith('m=audio'));
const amrWbAnswer = (payloadType = 104, format = 'mode-set=0,1,2') =>
  anImsSdp({
    formats: `${String(payloadType)} 102`,
    audioLines: [
      `a=rtpmap:${String(payloadType)} AMR-WB/16000`,
      `a=fmtp:${String(payloadType)} ${format}`,
      'a=rtpmap:102 telephone-event/16000',
    ],
  });

describe('MED-8: a call from a browser to phones', () => {
  it('offers IMS what passes through, then what is made of Opus, with events at every clock', async () => {
    const { media } = aCallMedia();

    const { accessAnswer, imsOffer } = taken(await media.takeBrowserOffer(aBrowserSdp()));

    expect(audio(imsOffer)).toBe('m=audio 40000 RTP/AVP 9 8 104 105 106 107 101 102');
    expect(imsOffer).toContain('a=fmtp:104 mode-change-capability=2;max-red=0\r\n');
    expect(imsOffer).toContain('a=fmtp:105 octet-align=1;mode-change-capability=2;max-red=0\r\n');
    expect(imsOffer).toContain('a=rtpmap:104 AMR-WB/16000\r\n');
    expect(audio(accessAnswer)).toBe('m=audio 5000 UDP/TLS/RTP/SAVPF 9 8 111 110 126');
  });

  it('answered with AMR-WB has the browser send Opus, and goes by the transcoder', async () => {
    const { media, transcoder, call } = aCallMedia();
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
    const { media, transcoder } = aCallMedia({ codecs: ['AMR-WB'] });

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
    const { media, transcoder, call } = aCallMedia();
    taken(await media.takeBrowserOffer(aBrowserSdp()));
    const whileOffered = transcoder.load.used;

    taken(media.takeImsAnswer(anImsSdp({ formats: '9 101' })));

    expect(whileOffered).toBe(1);
    expect(transcoder.load.used).toBe(0);
    expect(call.detour).toBeUndefined();
  });

  it('gives its place back when it ends', async () => {
    const { media, transcoder } = aCallMedia();
    taken(await media.takeBrowserOffer(aBrowserSdp()));
    taken(media.takeImsAnswer(amrWbAnswer()));

    await media.close();

    expect(transcoder.load.used).toBe(0);
    expect(transcoder.isStarted).toBe(false);
  });

  it('whose plan is said again goes on undisturbed', async () => {
    const { media, transcoder } = aCallMedia({ codecs: ['AMR-WB'] });
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
    const { media, transcoder } = aCallMedia();

    const { accessOffer } = taken(await media.takeImsOffer(phoneOffer()));
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active', formats: '111 110' })));
    const answer = taken(media.imsAnswer());

    expect(audio(accessOffer)).toBe('m=audio 5000 UDP/TLS/RTP/SAVPF 111 110');
    expect(audio(answer)).toBe('m=audio 40000 RTP/AVP 97 102');
    expect(answer).toContain(
      'a=fmtp:97 octet-align=1;mode-set=0,1,2;mode-change-capability=2;max-red=0\r\n',
    );
    expect(transcoder.plans.at(-1)?.ims).toMatchObject({
      codec: 'AMR-WB',
      arriving: 97,
      leaving: 97,
    });
  });

  it('passes EVS over for what it can', async () => {
    const { media } = aCallMedia();

    taken(await media.takeImsOffer(phoneOffer('96 97 98 102')));
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active', formats: '111 110' })));

    expect(audio(taken(media.imsAnswer()))).toBe('m=audio 40000 RTP/AVP 97 102');
  });

  it('passes through where it can, though AMR-WB was named first', async () => {
    const { media, transcoder } = aCallMedia();

    const { accessOffer } = taken(await media.takeImsOffer(phoneOffer('97 8 101')));
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active', formats: '8 126' })));
    const answer = taken(media.imsAnswer());

    expect(audio(accessOffer)).toBe('m=audio 5000 UDP/TLS/RTP/SAVPF 8 111 101 110');
    expect(audio(answer)).toBe('m=audio 40000 RTP/AVP 8 101');
    expect(transcoder.load.used).toBe(0);
  });

  it('answered before the browser has spoken is settled on the same terms', async () => {
    const { media, transcoder } = aCallMedia();

    const { accessOffer, imsAnswer } = taken(await media.answerImsOffer(phoneOffer()));
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active', formats: '111 110' })));

    expect(audio(accessOffer)).toBe('m=audio 5000 UDP/TLS/RTP/SAVPF 111 110');
    expect(audio(imsAnswer)).toBe('m=audio 40000 RTP/AVP 97 102');
    expect(transcoder.plans).toHaveLength(1);
  });

  it('without an offer is offered everything, and transcoded by the answer', async () => {
    const { media, transcoder } = aCallMedia();

    taken(await media.takeImsOffer(undefined));
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active', formats: '111 9 8 110 126' })));
    const offer = taken(media.imsAnswer());
    taken(media.takeImsAnswer(amrWbAnswer()));

    expect(audio(offer)).toBe('m=audio 40000 RTP/AVP 9 8 104 105 106 107 101 102');
    expect(transcoder.plans.at(-1)?.ims.codec).toBe('AMR-WB');
  });

  it('takes up another codec in a re-INVITE, from through to transcoded and back', async () => {
    const { media, transcoder, call } = aCallMedia();
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
    const { media } = aCallMedia({ transcoder });

    const { imsOffer, accessAnswer } = taken(await media.takeBrowserOffer(aBrowserSdp()));

    expect(audio(imsOffer)).toBe('m=audio 40000 RTP/AVP 9 8 101');
    expect(audio(accessAnswer)).toBe('m=audio 5000 UDP/TLS/RTP/SAVPF 9 8 126');
  });

  it('refuses a call that nothing passes through for', async () => {
    const { media } = aCallMedia({
      transcoder: new FakeTranscoder({ capacity: 0 }),
      codecs: ['AMR-WB'],
    });

    expect(codeOf(await media.takeBrowserOffer(aBrowserSdp()))).toBe('sdp.no-common-codec');
  });

  it('refuses every call that might need it, where the operator wants that', async () => {
    const transcoder = new FakeTranscoder({ capacity: 0 });
    const { media } = aCallMedia({ transcoder, whenFull: 'refuse' });

    expect(codeOf(await media.takeBrowserOffer(aBrowserSdp()))).toBe('node.at-capacity');
  });

  it('gives a place to the next call when one ends', async () => {
    const transcoder = new FakeTranscoder({ capacity: 1 });
    const first = aCallMedia({ transcoder, codecs: ['AMR-WB'] });
    const second = aCallMedia({ transcoder, codecs: ['AMR-WB'] });
    taken(await first.media.takeBrowserOffer(aBrowserSdp()));
    const refused = codeOf(await second.media.takeBrowserOffer(aBrowserSdp()));

    await first.media.close();

    expect(refused).toBe('sdp.no-common-codec');
    expect(codeOf(await second.media.takeBrowserOffer(aBrowserSdp()))).toBe('ok');
  });
});
