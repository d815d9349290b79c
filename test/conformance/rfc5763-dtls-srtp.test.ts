import type { MediaPolicy } from '../../shared/src/store/media-policy.ts';
import { aCallMedia, answered, codeOf, linesOf, offered, taken } from '../support/a-call-media.ts';
import { aBrowserSdp, anImsSdp } from '../support/an-sdp.ts';
import { browserVideo } from '../support/video/a-video-sdp.ts';

const hex = (pair: string): string => Array.from({ length: 32 }, () => pair).join(':');
const OURS = `a=fingerprint:sha-256 ${hex('AB')}`;
const THEIRS = `a=fingerprint:sha-256 ${hex('CD')}`;
const OTHERS = `a=fingerprint:sha-256 ${hex('EF')}`;
const TLS_ID = 'a=tls-id:abcdefghijklmnopqrst';
const KEY = 'd0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj';
const CRYPTO = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`;
const DTLS = 'UDP/TLS/RTP/SAVP';

const theirs = (setup: string, more: readonly string[] = [], profile = DTLS): string =>
  anImsSdp({ profile, audioLines: [`a=setup:${setup}`, THEIRS, ...more] });
const required = () => aCallMedia({ policy: { srtp: 'require-dtls' }, transport: 'tcp' });

const offer = async (sdp: string, policy: MediaPolicy = {}) =>
  codeOf(await aCallMedia({ policy }).media.takeImsOffer(sdp));

describe('RFC 5763 §5: an offer of ours (MED-7)', () => {
  it('leaves who begins to the other side, names our certificate, and has no keys', async () => {
    const sdp = await offered(required().media);

    expect(linesOf(sdp, 'm=')[0]).toMatch(/^m=audio 40000 UDP\/TLS\/RTP\/SAVP /);
    expect(linesOf(sdp, 'a=setup:')).toEqual(['a=setup:actpass']);
    expect(linesOf(sdp, 'a=fingerprint:')).toEqual([OURS]);
    expect(linesOf(sdp, 'a=tls-id:')[0]).toMatch(/^a=tls-id:[\w+/]{20,255}$/);
    expect(linesOf(sdp, 'a=crypto:')).toEqual([]);
  });

  it.each([
    ['active', 'server'],
    ['passive', 'client'],
  ] as const)('answered %s makes us the %s', async (setup, role) => {
    const { media, call } = required();
    await offered(media);

    taken(media.takeImsAnswer(theirs(setup)));

    expect(call.remoteIms?.srtp).toBeUndefined();
    expect(call.remoteIms?.dtls).toEqual({
      ...{ role, association: 1 },
      fingerprints: { algorithm: 'sha-256', values: [hex('CD')] },
    });
  });

  it('may be answered by several who share nothing, the last of whom is talked to', async () => {
    const { media, call } = required();
    await offered(media);

    taken(media.takeImsAnswer(theirs('active')));
    taken(media.takeImsAnswer(theirs('passive').replace(THEIRS, OTHERS)));

    expect(call.remoteIms?.dtls).toEqual({
      ...{ role: 'client', association: 2 },
      fingerprints: { algorithm: 'sha-256', values: [hex('EF')] },
    });
  });

  it.each([
    ['chooses nothing', theirs('actpass')],
    ['names no certificate', anImsSdp({ profile: DTLS, audioLines: ['a=setup:active'] })],
    ['is plain', anImsSdp()],
    ['has keys instead', anImsSdp({ profile: 'RTP/SAVP', audioLines: [CRYPTO] })],
  ])('is not answered by one that %s, and nothing changes', async (_name, answer) => {
    const { media, call } = required();
    await offered(media);

    expect(codeOf(media.takeImsAnswer(answer))).toBe('sdp.no-common-security');
    expect(call.remoteIms).toBeUndefined();
  });

  it('is not made where the media plane has no DTLS toward IMS', async () => {
    const { media } = aCallMedia({ policy: { srtp: 'require-dtls' }, imsDtlsRoles: [] });

    expect(codeOf(await media.takeBrowserOffer(aBrowserSdp()))).toBe('sdp.no-common-security');
  });
});

describe('RFC 8842 §5.2: an offer of a plane that can only wait (MED-7)', () => {
  const waiting = () =>
    aCallMedia({ policy: { srtp: 'require-dtls' }, imsDtlsRoles: ['server'] }).media;

  it('says so, and takes no answer that waits as well', async () => {
    const [answered, left] = [waiting(), waiting()];
    const sdp = await offered(answered);
    await offered(left);

    expect(linesOf(sdp, 'a=setup:')).toEqual(['a=setup:passive']);
    expect(codeOf(answered.takeImsAnswer(theirs('active')))).toBe('ok');
    expect(codeOf(left.takeImsAnswer(theirs('passive')))).toBe('sdp.no-common-security');
  });
});

describe('RFC 5763 §5: an offer of IMS (MED-7)', () => {
  it.each([
    ['actpass', 'active', 'client'],
    ['active', 'passive', 'server'],
    ['passive', 'active', 'client'],
  ] as const)('of setup %s is answered %s', async (setup, answer, role) => {
    const { media, call } = aCallMedia({ transport: 'tcp' });

    const sdp = await answered(media, theirs(setup));

    expect(linesOf(sdp, 'm=')[0]).toContain(DTLS);
    expect(linesOf(sdp, 'a=setup:')).toEqual([`a=setup:${answer}`]);
    expect(linesOf(sdp, 'a=fingerprint:')).toEqual([OURS]);
    expect(call.remoteIms?.dtls?.role).toBe(role);
  });

  it('may name the certificate for the whole session (RFC 8122 §5)', async () => {
    const { media, call } = aCallMedia();
    const atSession = theirs('actpass')
      .replace(`${THEIRS}\r\n`, '')
      .replace('t=0 0\r\n', `t=0 0\r\n${THEIRS}\r\n`);

    await answered(media, atSession);

    expect(call.remoteIms?.dtls?.fingerprints.values).toEqual([hex('CD')]);
  });

  it.each([
    ['holds the connection', theirs('holdconn')],
    ['names a hash too weak', theirs('actpass').replaceAll('sha-256', 'sha-1')],
    ['names no certificate', anImsSdp({ profile: DTLS, audioLines: ['a=setup:actpass'] })],
    ['has keys in their place', anImsSdp({ profile: DTLS, audioLines: [CRYPTO] })],
  ])('is refused where it %s', async (_name, sdp) => {
    expect(await offer(sdp)).toBe('sdp.no-common-security');
  });

  it('is refused by policy, and where the media plane has no DTLS toward IMS', async () => {
    const portable = aCallMedia({ imsDtlsRoles: [] }).media;

    expect(await offer(theirs('actpass'), { srtp: 'never' })).toBe('sdp.no-common-security');
    expect(codeOf(await portable.takeImsOffer(theirs('actpass')))).toBe('sdp.no-common-security');
  });

  it.each([
    ['actpass', 'passive'],
    ['active', 'passive'],
  ])('of setup %s is answered %s by a plane that can only wait', async (setup, answer) => {
    const { media, call } = aCallMedia({ imsDtlsRoles: ['server'] });

    expect(linesOf(await answered(media, theirs(setup)), 'a=setup:')).toEqual([
      `a=setup:${answer}`,
    ]);
    expect(call.remoteIms?.dtls?.role).toBe('server');
  });

  it('that waits for us is refused by a plane that can only wait', async () => {
    const { media } = aCallMedia({ imsDtlsRoles: ['server'] });

    expect(codeOf(await media.takeImsOffer(theirs('passive')))).toBe('sdp.no-common-security');
  });

  it('of keys alone is refused where DTLS is demanded', async () => {
    const sdes = anImsSdp({ profile: 'RTP/SAVP', audioLines: [CRYPTO] });

    expect(await offer(sdes, { srtp: 'require-dtls' })).toBe('sdp.no-common-security');
    expect(await offer(theirs('actpass'), { srtp: 'require' })).toBe('ok');
  });

  it('by the feedback profile is answered in it', async () => {
    const sdp = theirs('actpass', [], 'UDP/TLS/RTP/SAVPF');

    expect(linesOf(await answered(aCallMedia().media, sdp), 'm=')[0]).toContain(
      'UDP/TLS/RTP/SAVPF',
    );
  });
});

describe('RFC 8643: opportunistic DTLS-SRTP (MED-7)', () => {
  const prefer = () => aCallMedia({ policy: { srtp: 'prefer-dtls' } });

  it('is offered as plain RTP with the certificate beside it (§3.1)', async () => {
    const sdp = await offered(prefer().media);

    expect(linesOf(sdp, 'm=')[0]).toContain(' RTP/AVP ');
    expect(linesOf(sdp, 'a=fingerprint:')).toEqual([OURS]);
    expect(linesOf(sdp, 'a=crypto:')).toEqual([]);
  });

  it('becomes SRTP where the answer names a certificate, and plain RTP where it has none', async () => {
    const [secure, plain] = [prefer(), prefer()];
    await offered(secure.media);
    await offered(plain.media);

    taken(secure.media.takeImsAnswer(theirs('active', [], 'RTP/AVP')));
    taken(plain.media.takeImsAnswer(anImsSdp()));

    expect(secure.call.remoteIms?.dtls?.role).toBe('server');
    expect(plain.call.remoteIms?.dtls).toBeUndefined();
    expect(linesOf(taken(secure.media.offerIms({ isHeld: true })), 'm=')[0]).toContain(DTLS);
  });

  it('is taken where IMS offers it, before keys that all on the way can read', async () => {
    const { media, call } = aCallMedia();

    const sdp = await answered(media, theirs('actpass', [CRYPTO], 'RTP/AVP'));

    expect(linesOf(sdp, 'a=crypto:')).toEqual([]);
    expect(call.remoteIms?.dtls?.role).toBe('client');
    expect(call.remoteIms?.srtp).toBeUndefined();
  });
});

describe('RFC 8842 §4: the association in later offers (MED-7)', () => {
  async function aTalk() {
    const { media, call } = aCallMedia();
    const answer = await answered(media, theirs('actpass', [TLS_ID]));
    const again = (sdp: string) => taken(media.takeImsReoffer(sdp)).imsAnswer;
    return { media, call, answer, again };
  }

  it('stays through a hold of ours, our role with it', async () => {
    const { media, call, answer } = await aTalk();

    const held = taken(media.offerIms({ isHeld: true }));
    taken(media.takeImsAnswer(theirs('passive', [TLS_ID, 'a=recvonly'])));

    expect(linesOf(held, 'a=setup:')).toEqual(['a=setup:active']);
    expect(linesOf(held, 'a=tls-id:')).toEqual(linesOf(answer, 'a=tls-id:'));
    expect(call.remoteIms?.dtls?.association).toBe(1);
  });

  it('stays where an answer says again what was offered at first', async () => {
    const { media, call } = await aTalk();

    taken(media.offerIms({ isHeld: true }));
    taken(media.takeImsAnswer(theirs('actpass', [TLS_ID, 'a=recvonly'])));

    expect(call.remoteIms?.dtls).toMatchObject({ role: 'client', association: 1 });
  });

  it('stays where they offer the same again, from another address too', async () => {
    const { call, answer, again } = await aTalk();

    const moved = theirs('actpass', [TLS_ID]).replaceAll('198.51.100.9', '198.51.100.10');
    const second = again(moved);

    expect(call.remoteIms).toMatchObject({ address: '198.51.100.10', dtls: { association: 1 } });
    expect(linesOf(second, 'a=setup:')).toEqual(['a=setup:active']);
    expect(linesOf(second, 'a=tls-id:')).toEqual(linesOf(answer, 'a=tls-id:'));
  });

  it.each([
    ['certificate', theirs('actpass', [TLS_ID]).replace(THEIRS, OTHERS)],
    ['tls-id', theirs('actpass', [TLS_ID]).replace('tls-id:a', 'tls-id:b')],
    ['role', theirs('active', [TLS_ID])],
  ])('is another one for another %s of theirs, and is named anew', async (_name, sdp) => {
    const { call, answer, again } = await aTalk();

    const second = again(sdp);

    expect(call.remoteIms?.dtls?.association).toBe(2);
    expect(linesOf(second, 'a=tls-id:')).toHaveLength(1);
    expect(linesOf(second, 'a=tls-id:')).not.toEqual(linesOf(answer, 'a=tls-id:'));
  });

  it('of a peer that names none is another one from another address, and none is named to it', async () => {
    const { media, call } = aCallMedia();
    const first = await answered(media, theirs('actpass'));

    const same = taken(media.takeImsReoffer(theirs('actpass'))).imsAnswer;
    const stayed = call.remoteIms?.dtls?.association;
    const moved = theirs('actpass').replaceAll('198.51.100.9', '198.51.100.10');
    taken(media.takeImsReoffer(moved));

    expect([stayed, call.remoteIms?.dtls?.association]).toEqual([1, 2]);
    expect([...linesOf(first, 'a=tls-id:'), ...linesOf(same, 'a=tls-id:')]).toEqual([]);
  });

  it('of a stream on hold without an address is the one it was (RFC 3264 §8.4)', async () => {
    const { media, call } = aCallMedia();
    await answered(media, theirs('actpass'));

    taken(media.takeImsReoffer(theirs('actpass').replaceAll('198.51.100.9', '0.0.0.0')));
    taken(media.takeImsReoffer(theirs('actpass')));

    expect(call.remoteIms?.dtls?.association).toBe(1);
  });

  it('ends where they go on in the plain, if policy has it so', async () => {
    const { media, call } = aCallMedia();
    await answered(media, theirs('actpass'));

    taken(media.takeImsReoffer(anImsSdp()));

    expect(call.remoteIms?.dtls).toBeUndefined();
  });
});

describe('RFC 5764 §4: each m-line by itself (MED-7, MED-9)', () => {
  it('video is offered over DTLS with feedback, under the same certificate', async () => {
    const { media } = aCallMedia({
      codecs: ['PCMA', 'VP8'],
      policy: { srtp: 'require-dtls' },
    });

    const sdp = taken(
      await media.takeBrowserOffer(aBrowserSdp({ sections: browserVideo() })),
    ).imsOffer;

    expect(linesOf(sdp, 'm=').map((it) => it.split(' ')[2])).toEqual([DTLS, 'UDP/TLS/RTP/SAVPF']);
    expect(linesOf(sdp, 'a=setup:')).toEqual(['a=setup:actpass', 'a=setup:actpass']);
    expect(linesOf(sdp, 'a=fingerprint:')).toEqual([OURS, OURS]);
    expect(new Set(linesOf(sdp, 'a=tls-id:')).size).toBe(2);
  });
});
