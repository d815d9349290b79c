import { createCallMediaFactory } from '../../media-node/src/app/media/call-media-factory.ts';
import { aBrowserSdp, anImsSdp } from '../support/an-sdp.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingMediaPlane } from '../support/recording-media-plane.ts';

const DIRECTION = /^a=(sendrecv|sendonly|recvonly|inactive)\r$/m;

async function anEstablishedCall() {
  const plane = new RecordingMediaPlane();
  const factory = createCallMediaFactory(
    { plane, ids: { random: () => 'random', uuid: () => 'uuid' }, clock: new FakeClock() },
    { addressPolicy: { allowLocal: false, refusedRanges: [] } },
  );
  const media = factory.create({ callId: 'call-0001', codecs: ['G722', 'PCMA'] }, () => undefined);
  await media.takeBrowserOffer(aBrowserSdp());
  media.takeImsAnswer(anImsSdp());
  media.setGate({ toIms: true, toBrowser: true });
  const theirs = (direction: string, port = 30_000) =>
    anImsSdp({ port, audioLines: [`a=${direction}`] });
  const directionIn = (taken: ReturnType<typeof media.offerIms>) =>
    DIRECTION.exec(taken.ok ? taken.value : '')?.[1];
  return {
    ...{ media, call: plane.call },
    /** Our offer, and their answer to it. */
    we: (isHeld: boolean, answer: string) => {
      const offer = media.offerIms({ isHeld });
      media.takeImsAnswer(theirs(answer));
      return directionIn(offer);
    },
    /** Their offer, and our answer to it. */
    they: (direction: string) => {
      const taken = media.takeImsReoffer(theirs(direction));
      return taken.ok ? DIRECTION.exec(taken.value.imsAnswer)?.[1] : undefined;
    },
  };
}

describe('SES-5: 3GPP TS 24.610 §4.5.2.1, RFC 3264 §8.4: our side holds', () => {
  it('by sendonly, and resumes by sendrecv', async () => {
    const { we } = await anEstablishedCall();

    expect([we(true, 'recvonly'), we(false, 'sendrecv')]).toEqual(['sendonly', 'sendrecv']);
  });

  it('a stream that they hold becomes inactive, and recvonly when it resumes', async () => {
    const { they, we, media } = await anEstablishedCall();

    expect([they('sendonly'), we(true, 'inactive'), we(false, 'sendonly')]).toEqual([
      'recvonly',
      'inactive',
      'recvonly',
    ]);
    expect(media.isHeldByIms()).toBe(true);
  });

  it('their hold is answered inactive while we hold, and their resumption sendonly', async () => {
    const { they, we, media } = await anEstablishedCall();
    we(true, 'recvonly');

    expect([they('sendonly'), they('sendrecv')]).toEqual(['inactive', 'sendonly']);
    expect(media.isHeldByIms()).toBe(false);
    expect(we(false, 'sendrecv')).toBe('sendrecv');
  });

  it('an offer of theirs without a hold attribute does not end ours', async () => {
    const { media, we } = await anEstablishedCall();
    we(true, 'recvonly');

    const taken = media.takeImsReoffer(undefined);

    expect(taken.ok && DIRECTION.exec(taken.value.imsAnswer)?.[1]).toBe('sendonly');
  });

  it('an offerless re-INVITE is told what we want, not what they hold (RFC 6337 §5.3)', async () => {
    const { media, they } = await anEstablishedCall();
    they('sendonly');

    const taken = media.takeImsReoffer(undefined);

    expect(taken.ok && DIRECTION.exec(taken.value.imsAnswer)?.[1]).toBe('sendrecv');
  });

  it('offers what is agreed and nothing else, on the same port, one version later', async () => {
    const { media } = await anEstablishedCall();

    const offer = media.offerIms({ isHeld: true });

    expect(offer.ok && offer.value).toContain('m=audio 40000 RTP/AVP 9 101\r\n');
    expect(offer.ok && /^o=- \d+ (\d+)/m.exec(offer.value)?.[1]).toBe('2');
  });

  it('an answer that takes no media is a hold of theirs', async () => {
    const { media, we } = await anEstablishedCall();

    we(false, 'sendonly');

    expect(media.isHeldByIms()).toBe(true);
  });
});

describe('MED-10: RFC 3264 §8.4: RTCP while a call is on hold', () => {
  const HELD = { toIms: false, toBrowser: false, rtcp: true };

  it('goes on when we hold, and when they do', async () => {
    const { call, media, they, we } = await anEstablishedCall();
    media.setGate(HELD);
    we(true, 'recvonly');
    const weHold = call.gate;
    media.setGate({ toIms: true, toBrowser: true });
    we(false, 'sendrecv');
    const nobodyHolds = call.gate;
    they('sendonly');

    expect(weHold).toEqual(HELD);
    expect(nobodyHolds).toEqual({ toIms: true, toBrowser: true });
    expect(call.gate).toEqual({ toIms: false, toBrowser: true, rtcp: true });
  });

  it('has nowhere to go when they hold by 0.0.0.0', async () => {
    const { call, media } = await anEstablishedCall();

    media.takeImsReoffer(anImsSdp({ address: '0.0.0.0' }));

    expect(call.gate).toEqual({ toIms: false, toBrowser: true, rtcp: false });
  });
});
