import { aCallMedia, taken } from '../../../../support/a-call-media.ts';
import { aBrowserSdp, anImsSdp } from '../../../../support/an-sdp.ts';
import { FakeTranscoder } from '../../../../support/fake-transcoder.ts';

const OPEN = { toIms: true, toBrowser: true };
const browserIn = (formats: string) => aBrowserSdp({ setup: 'active', formats });

/** The caller had our answer in one codec, asked for another while the browser rang, and is answered. */
async function answeredInto(
  { codecs, first, last }: Readonly<Record<'first' | 'last', string>> & { codecs: string[] },
  transcoder = new FakeTranscoder(),
) {
  const { media, call } = aCallMedia({ codecs, transcoder });
  taken(await media.answerImsOffer(anImsSdp({ formats: `${first} 101` })));
  taken(media.takeEarlyOffer(anImsSdp({ formats: `${last} 101` }), { isTold: true }));
  taken(media.takeBrowserAnswer(browserIn(`${first} 126`)));
  taken(media.imsAnswer());
  const news = media.owedReoffer();
  media.setGate(OPEN);
  return { media, call, news, transcoder };
}
const TO_PCMU = { codecs: ['PCMA', 'PCMU'], first: '8', last: '0' };

describe('SES-3, MED-4: a caller who takes the codec of a ringing browser away', () => {
  it('hears it from the answer on: it is transcoded until the browser has followed', async () => {
    const { media, call, news, transcoder } = await answeredInto(TO_PCMU);
    const gate = { ...call.gate };
    taken(media.takeBrowserAnswer(browserIn('0 126')));

    expect(news).toMatchObject({ voiceGoesOn: true });
    expect(news.reoffer).toContain('SAVPF 0 101\r\n');
    expect(gate).toEqual(OPEN);
    expect(transcoder.plans).toMatchObject([
      { browser: { codec: 'PCMA', arriving: 8 }, ims: { codec: 'PCMU', leaving: 0 }, rateHz: 8000 },
    ]);
    expect([call.detour, call.gate, transcoder.load.used]).toEqual([undefined, OPEN, 0]);
  });

  it.each([
    ['where no place is left', TO_PCMU, new FakeTranscoder({ capacity: 0 })],
    ['where the codec is not at hand', TO_PCMU, new FakeTranscoder({ codecs: ['PCMA'] })],
    [
      'from a codec of another band',
      { codecs: ['G722', 'PCMA'], first: '9', last: '8' },
      new FakeTranscoder(),
    ],
  ])('hears it once the browser has followed, %s', async (_, how, transcoder) => {
    const { media, call, news } = await answeredInto(how, transcoder);
    const gate = { ...call.gate };
    taken(media.takeBrowserAnswer(browserIn(`${how.last} 126`)));

    expect(news.voiceGoesOn).toBeUndefined();
    expect([gate.toIms, call.gate.toIms]).toEqual([false, true]);
  });
});
