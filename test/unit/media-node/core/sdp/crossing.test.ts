import {
  type CodecWithPayload,
  voiceCodecs,
  withEvents,
} from '../../../../../media-node/src/core/sdp/codecs.ts';
import { crossingOf } from '../../../../../media-node/src/core/sdp/crossing.ts';
import { VoiceTerms } from '../../../../../media-node/src/core/sdp/voice-terms.ts';

const MADE = new Set(['opus', 'AMR-WB', 'AMR', 'G722', 'PCMU', 'PCMA']);
const ALLOWED = ['AMR-WB', 'G722', 'AMR', 'PCMA'];
const BROWSER = voiceCodecs(['opus', 'G722', 'PCMU', 'PCMA']);
const names = (codecs: readonly CodecWithPayload[]) => codecs.map((it) => it.name);
const both = (codecs: readonly CodecWithPayload[]) => ({ local: codecs, remote: codecs });

describe('MED-8: which voice a tenant may have', () => {
  it('is what passes through first, then what is made of Opus, each in its order', () => {
    const terms = new VoiceTerms(ALLOWED, MADE);

    const toward = terms.towardIms(undefined, BROWSER);

    expect(names(toward.passed)).toEqual(['G722', 'PCMA']);
    // Both framings of RFC 4867 each.
    expect(names(toward.transcoded)).toEqual(['AMR-WB', 'AMR-WB', 'AMR', 'AMR']);
    expect(names(terms.towardBrowser(toward, BROWSER))).toEqual(['G722', 'PCMA', 'opus']);
  });

  it('is made of Opus too where the browser has that alone', () => {
    const terms = new VoiceTerms(ALLOWED, MADE);

    const toward = terms.towardIms(undefined, voiceCodecs(['opus']));

    expect(toward.passed).toEqual([]);
    expect(names(toward.transcoded)).toEqual(['AMR-WB', 'AMR-WB', 'G722', 'AMR', 'AMR', 'PCMA']);
  });

  it.each([
    ['a browser without Opus', MADE, ['G722', 'PCMA'], ['G722', 'PCMA']],
    ['a node without libopus', new Set(['AMR-WB', 'AMR']), ['opus', 'G722'], ['G722']],
    ['a node without any library', new Set<string>(), ['opus', 'PCMA'], ['PCMA']],
  ])('is what passes through, with %s', (_name, made, browser, passed) => {
    const terms = new VoiceTerms(ALLOWED, made);

    const toward = terms.towardIms(undefined, voiceCodecs(browser));

    expect(names(toward.passed)).toEqual(passed);
    expect(toward.transcoded).toEqual([]);
  });

  it('has no codec whose library is missing, and all the others', () => {
    const terms = new VoiceTerms(ALLOWED, new Set(['opus', 'AMR', 'G722', 'PCMU', 'PCMA']));

    expect(names(terms.towardIms(undefined, BROWSER).transcoded)).toEqual(['AMR', 'AMR']);
  });

  it('follows the order and the numbers of what IMS offers', () => {
    const terms = new VoiceTerms(ALLOWED, MADE);
    const offered: readonly CodecWithPayload[] = [
      { name: 'EVS', clockRateHz: 16_000, channels: 1, payloadType: 96 },
      { name: 'AMR', clockRateHz: 8000, channels: 1, payloadType: 97 },
      { name: 'AMR-WB', clockRateHz: 16_000, channels: 1, fmtp: 'octet-align=1', payloadType: 98 },
      { name: 'PCMA', clockRateHz: 8000, channels: 1, payloadType: 8 },
    ];

    const toward = terms.towardIms(offered, BROWSER);

    expect(toward.passed.map((it) => it.payloadType)).toEqual([8]);
    expect(toward.transcoded.map((it) => it.payloadType)).toEqual([97, 98]);
  });
});

describe('MED-8: the way of sound between two legs', () => {
  const browser = both(withEvents(voiceCodecs(['opus'])));

  it('is straight through where both speak what IMS named', () => {
    const crossing = crossingOf(
      both(withEvents(BROWSER)),
      both(withEvents(voiceCodecs(['PCMA']))),
      { framesPerPacket: 1 },
    );

    expect(crossing.plan).toBeUndefined();
    expect(crossing.rewrite.payloadToIms.get(8)).toBe(8);
  });

  it('is by way of Opus else, each leg with its own numbers, clocks and events', () => {
    const [bandwidthEfficient] = voiceCodecs(['AMR-WB']);
    const theirs = bandwidthEfficient && {
      ...bandwidthEfficient,
      payloadType: 97,
      fmtp: 'mode-set=0,2',
    };

    const { plan, rewrite } = crossingOf(
      browser,
      {
        local: withEvents(voiceCodecs(['AMR-WB'])),
        remote: withEvents(theirs ? [theirs] : []),
      },
      { framesPerPacket: 2 },
    );

    expect(plan).toEqual({
      rateHz: 16_000,
      browser: {
        ...{ codec: 'opus', clockRateHz: 48_000, arriving: 111, leaving: 111, framesPerPacket: 1 },
        ...{ arrivingFormat: 'useinbandfec=1', leavingFormat: 'useinbandfec=1' },
        events: { arriving: 110, leaving: 110, clockRateHz: 48_000 },
      },
      ims: {
        ...{ codec: 'AMR-WB', clockRateHz: 16_000, arriving: 104, leaving: 97, framesPerPacket: 2 },
        arrivingFormat: 'mode-change-capability=2;max-red=80',
        leavingFormat: 'mode-set=0,2',
        events: { arriving: 102, leaving: 102, clockRateHz: 16_000 },
      },
    });
    expect(rewrite).toMatchObject({ clockRateHz: 16_000, browserClockRateHz: 48_000 });
    expect(rewrite.payloadToIms.size + rewrite.payloadToBrowser.size).toBe(0);
  });

  it.each([
    ['AMR', 8000],
    ['PCMU', 8000],
    ['G722', 16_000],
  ])('carries %s at %i Hz', (name, rateHz) => {
    const { plan } = crossingOf(browser, both(voiceCodecs([name])), { framesPerPacket: 1 });

    expect(plan?.rateHz).toBe(rateHz);
  });

  it('takes events at 8 kHz with AMR-WB where the phone has no others', () => {
    const events = { name: 'telephone-event', clockRateHz: 8000, channels: 1, payloadType: 101 };

    const { plan } = crossingOf(browser, both([...voiceCodecs(['AMR-WB']).slice(0, 1), events]), {
      framesPerPacket: 1,
    });

    expect(plan?.ims.events).toEqual({ arriving: 101, leaving: 101, clockRateHz: 8000 });
  });

  it('is nowhere while the browser has no Opus, or IMS has said nothing', () => {
    const none = { local: [], remote: [] };

    expect(
      crossingOf(both(voiceCodecs(['PCMU'])), both(voiceCodecs(['AMR'])), { framesPerPacket: 1 })
        .plan,
    ).toBeUndefined();
    expect(crossingOf(browser, none, { framesPerPacket: 1 }).plan).toBeUndefined();
  });
});
