import { createCallMediaFactory } from '../../media-node/src/app/media/call-media-factory.ts';
import { aBrowserSdp, anImsSdp } from '../support/an-sdp.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingMediaPlane } from '../support/recording-media-plane.ts';

const OPEN = { toIms: true, toBrowser: true };

async function anEstablishedCall() {
  const plane = new RecordingMediaPlane();
  const ids = { random: () => 'random', uuid: () => 'uuid' };
  const factory = createCallMediaFactory(
    { plane, ids, clock: new FakeClock() },
    { addressPolicy: { allowLocal: false, refusedRanges: [] } },
  );
  const media = factory.create({ callId: 'call-0001', codecs: ['G722', 'PCMA'] }, () => undefined);
  const offered = await media.takeBrowserOffer(aBrowserSdp());
  media.takeImsAnswer(anImsSdp());
  media.setGate(OPEN);
  return { media, call: plane.call, imsOffer: offered.ok ? offered.value.imsOffer : '' };
}

type Media = Awaited<ReturnType<typeof anEstablishedCall>>['media'];

function reoffered(media: Media, sdp: string | undefined) {
  const taken = media.takeImsReoffer(sdp);
  if (!taken.ok) throw taken.error;
  return taken.value;
}

const originOf = (sdp: string) => /^o=- (\d+) (\d+)/m.exec(sdp)?.slice(1).map(Number) ?? [];

describe('RFC 3264 §8.4: a stream on hold', () => {
  it.each([
    ['sendonly', 'recvonly', false],
    ['recvonly', 'sendonly', true],
    ['inactive', 'inactive', false],
    ['sendrecv', 'sendrecv', true],
  ])('offered %s is answered %s', async (offered, answered, mayHear) => {
    const { media, call } = await anEstablishedCall();

    const { imsAnswer } = reoffered(media, anImsSdp({ audioLines: [`a=${offered}`] }));

    expect(imsAnswer).toContain(`a=${answered}\r\n`);
    expect(call.gate.toIms).toBe(mayHear);
    expect(call.gate.toBrowser).toBe(true);
  });

  it('offered with the address 0.0.0.0 is not sent anything, and resumes', async () => {
    const { media, call } = await anEstablishedCall();

    const held = reoffered(media, anImsSdp({ address: '0.0.0.0' })).imsAnswer;
    const gateMeanwhile = call.gate.toIms;
    const resumed = reoffered(media, anImsSdp({ port: 30_100 })).imsAnswer;

    expect(held).toContain('a=recvonly\r\n');
    expect(gateMeanwhile).toBe(false);
    expect(resumed).toContain('a=sendrecv\r\n');
    expect(call.gate.toIms).toBe(true);
    expect(call.remoteIms?.rtpPort).toBe(30_100);
  });
});

describe('RFC 3264 §8: modifying the session', () => {
  it('raises the version by one with every change and keeps the id', async () => {
    const { media, imsOffer } = await anEstablishedCall();

    const first = reoffered(media, anImsSdp()).imsAnswer;
    const held = reoffered(media, anImsSdp({ audioLines: ['a=sendonly'] })).imsAnswer;
    const again = reoffered(media, anImsSdp({ audioLines: ['a=sendonly'] })).imsAnswer;

    const [id, version = 0] = originOf(imsOffer);
    expect(originOf(first)).toEqual([id, version + 1]);
    expect(originOf(held)).toEqual([id, version + 2]);
    expect(again).toBe(held);
  });

  it('keeps the codec in use where it is still offered', async () => {
    const { media } = await anEstablishedCall();

    const { imsAnswer, reoffer } = reoffered(media, anImsSdp({ formats: '8 9 101' }));

    expect(imsAnswer).toContain('RTP/AVP 9 101\r\n');
    expect(reoffer).toBeUndefined();
  });

  it('re-offers the browser where the codec in use is gone', async () => {
    const { media, call } = await anEstablishedCall();

    const { imsAnswer, reoffer } = reoffered(media, anImsSdp({ formats: '8 101' }));

    expect(imsAnswer).toContain('RTP/AVP 8 101\r\n');
    expect(reoffer).toContain('UDP/TLS/RTP/SAVPF 8 126\r\n');
    expect(call.gate.toIms).toBe(false);
  });

  it('is refused, and changes nothing, without a common codec', async () => {
    const { media, call } = await anEstablishedCall();
    const { rewrite, gate } = call;

    const taken = media.takeImsReoffer(anImsSdp({ formats: '18', port: 31_000 }));

    expect(taken).toMatchObject({ ok: false, error: { code: 'sdp.no-common-codec' } });
    expect(call).toMatchObject({ rewrite, gate, remoteIms: { rtpPort: 30_000 } });
  });

  it('offers ours where the re-INVITE has no offer', async () => {
    const { media } = await anEstablishedCall();

    expect(reoffered(media, undefined).imsAnswer).toContain('RTP/AVP 9 8 101\r\n');
  });
});
