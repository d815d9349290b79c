import { amrWbAnswer, aTranscodedCall, taken } from '../../../../support/a-transcoded-call.ts';
import { aBrowserSdp } from '../../../../support/an-sdp.ts';

describe('MED-8: what a call needs to know to send AMR twice', () => {
  it('has its transcoder hear what each side reports to have lost (RFC 3550 §6.4.1)', async () => {
    const { media, transcoder, call } = aTranscodedCall({ codecs: ['AMR-WB'] });
    taken(await media.takeBrowserOffer(aBrowserSdp()));
    taken(media.takeImsAnswer(amrWbAnswer()));
    const far = { packetsLost: 7, recentLoss: 0.25, jitterMs: 10 };

    const before = transcoder.ends?.lostAt('ims');
    call.numbers = { ...call.numbers, ims: { ...call.numbers.ims, far } };

    expect(before).toBeUndefined();
    expect(transcoder.ends?.lostAt('ims')).toBe(0.25);
    expect(transcoder.ends?.lostAt('browser')).toBeUndefined();
  });

  it('takes from a phone how many frames it wants in a packet, and bears (maxptime)', async () => {
    const { media, transcoder } = aTranscodedCall({ codecs: ['AMR-WB'] });
    taken(await media.takeBrowserOffer(aBrowserSdp()));

    taken(media.takeImsAnswer(amrWbAnswer(104, 'max-red=40', ['a=ptime:40', 'a=maxptime:60'])));

    expect(transcoder.plans.at(-1)?.ims).toMatchObject({ framesPerPacket: 2, mostFrames: 3 });
  });
});
