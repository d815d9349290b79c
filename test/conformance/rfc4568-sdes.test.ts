import { imsAccess } from '../../shared/src/store/ims-access.ts';
import { aCallMedia, answered, codeOf, linesOf, offered, taken } from '../support/a-call-media.ts';
import { anImsSdp } from '../support/an-sdp.ts';

const KEY = 'd0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj';
const GCM_KEY = `AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==`;
const SAVP = { profile: 'RTP/SAVP' };
const crypto = (value: string) => ({ audioLines: [`a=crypto:${value}`] });
const cryptoOf = (sdp: string) => linesOf(sdp, 'a=crypto:');

const offer = async (sdp: string, setUp = {}) =>
  codeOf(await aCallMedia(setUp).media.takeImsOffer(sdp));

describe('RFC 4568 §5.1.1: an offer of ours (MED-7)', () => {
  it('has a fresh key of the right length for each suite, best first, over RTP/SAVP', async () => {
    const { media } = aCallMedia({ policy: { srtp: 'require' } });

    const sdp = await offered(media);

    const parts = cryptoOf(sdp).map((line) => line.replace('a=crypto:', '').split(/ |inline:/));
    const keys = parts.map((it) => Buffer.from(it.at(-1) ?? '', 'base64').length);
    expect(linesOf(sdp, 'm=')[0]).toMatch(/^m=audio 40000 RTP\/SAVP /);
    expect(parts.map(([tag, suite]) => [tag, suite])).toEqual([
      ['1', 'AES_CM_128_HMAC_SHA1_80'],
      ['2', 'AEAD_AES_256_GCM'],
      ['3', 'AEAD_AES_128_GCM'],
      ['4', 'AES_CM_128_HMAC_SHA1_32'],
    ]);
    expect(keys).toEqual([30, 44, 28, 30]);
    expect(new Set(parts.map((it) => it.at(-1))).size).toBe(4);
  });

  it('has no key where the signalling is not TLS (§8.3), unless the policy says so', async () => {
    const prefer = { srtp: 'prefer' } as const;
    const inClear = aCallMedia({ transport: 'tcp', policy: { ...prefer, srtpKeysInClear: true } });

    const plain = await offered(aCallMedia({ transport: 'tcp', policy: prefer }).media);

    expect(cryptoOf(plain)).toEqual([]);
    expect(cryptoOf(await offered(inClear.media))).toHaveLength(4);
  });

  it('is refused as a setting where SRTP is demanded and the signalling is not TLS', () => {
    const access = { homeDomain: 'ims.example', initialAuthorization: false };
    const pcscf = [{ host: 'pcscf.ims.example' }];
    const required = { ...access, pcscf, media: { srtp: 'require' } };

    expect(imsAccess.safeParse({ ...required, transport: 'udp' }).success).toBe(false);
    expect(imsAccess.safeParse({ ...required, transport: 'tls' }).success).toBe(true);
  });
});

describe('RFC 4568 §5.1.3: the answer to an offer of ours (MED-7)', () => {
  const required = () => aCallMedia({ policy: { srtp: 'require' } });

  it('gives both directions the suite it names, each its own key', async () => {
    const { media, call } = required();
    const own = cryptoOf(await offered(media))[0]?.split('inline:')[1] ?? '';

    taken(
      media.takeImsAnswer(
        anImsSdp({ ...SAVP, ...crypto(`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`) }),
      ),
    );

    expect(call.remoteIms?.srtp).toEqual({
      suite: 'AES_CM_128_HMAC_SHA1_80',
      local: new Uint8Array(Buffer.from(own, 'base64')),
      remote: new Uint8Array(Buffer.from(KEY, 'base64')),
    });
  });

  it.each([
    ['none', 'RTP/AVP', []],
    ['another tag', 'RTP/SAVP', [`a=crypto:9 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`]],
    ['another suite for the tag', 'RTP/SAVP', [`a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`]],
    ['a key cut short', 'RTP/SAVP', [`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${KEY.slice(4)}`]],
  ])('is refused with %s, and changes nothing', async (_name, profile, audioLines) => {
    const { media, call } = required();
    await offered(media);

    const result = media.takeImsAnswer(anImsSdp({ profile, audioLines }));

    expect(codeOf(result)).toBe('sdp.no-common-security');
    expect(call.remoteIms).toBeUndefined();
  });

  it('stays in force, key and suite, when the call is offered again (§7.1.4)', async () => {
    const { media } = required();
    const first = cryptoOf(await offered(media))[0];
    taken(
      media.takeImsAnswer(
        anImsSdp({ ...SAVP, ...crypto(`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`) }),
      ),
    );

    const again = taken(media.offerIms({ isHeld: true }));

    expect(cryptoOf(again)).toEqual([first]);
    expect(linesOf(again, 'm=')[0]).toContain('RTP/SAVP');
  });
});

describe('RFC 4568 §5.1.2: an offer of IMS (MED-7)', () => {
  const sdes = anImsSdp({
    ...SAVP,
    audioLines: [
      `a=crypto:1 F8_128_HMAC_SHA1_80 inline:${KEY}`,
      `a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|2^20|1:4`,
      `a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:${KEY} UNENCRYPTED_SRTCP`,
      `a=crypto:4 AES_CM_128_HMAC_SHA1_32 inline:${KEY}|2^31 WSH=128`,
      `a=crypto:5 AEAD_AES_128_GCM inline:${GCM_KEY}`,
    ],
  });

  it('is answered with the first line we can use: no MKI, no parameter we do not know', async () => {
    const { media, call } = aCallMedia();

    const answer = await answered(media, sdes);

    expect(cryptoOf(answer)).toEqual([
      expect.stringMatching(/^a=crypto:4 AES_CM_128_HMAC_SHA1_32 inline:[\w+/]{40}$/),
    ]);
    expect(linesOf(answer, 'm=')[0]).toContain('RTP/SAVP');
    expect(call.remoteIms?.srtp?.suite).toBe('AES_CM_128_HMAC_SHA1_32');
  });

  it('is refused without TLS, by policy, and where no line fits', async () => {
    const unfit = anImsSdp({ ...SAVP, ...crypto(`1 F8_128_HMAC_SHA1_80 inline:${KEY}`) });

    expect(await offer(sdes, { transport: 'tcp' })).toBe('sdp.no-common-security');
    expect(await offer(sdes, { policy: { srtp: 'never' } })).toBe('sdp.no-common-security');
    expect(await offer(sdes, { policy: { srtpSuites: ['AEAD_AES_256_GCM'] } })).toBe(
      'sdp.no-common-security',
    );
    expect(await offer(unfit)).toBe('sdp.no-common-security');
    expect(await offer(anImsSdp(), { policy: { srtp: 'require' } })).toBe('sdp.no-common-security');
  });

  it('twice, with SRTP and without, is answered once, as our terms have it', async () => {
    const plain = ['m=audio 30002 RTP/AVP 9', 'a=rtpmap:9 G722/8000'];
    const lines = crypto(`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`);
    const both = anImsSdp({ ...SAVP, ...lines, formats: '9', sections: plain });

    const secure = await answered(aCallMedia().media, both);
    const clear = await answered(aCallMedia({ transport: 'tcp' }).media, both);

    expect(linesOf(secure, 'm=')).toEqual(['m=audio 40000 RTP/SAVP 9', 'm=audio 0 RTP/AVP 9']);
    expect(linesOf(clear, 'm=')).toEqual(['m=audio 0 RTP/SAVP 9', 'm=audio 40000 RTP/AVP 9']);
  });
});

describe('RFC 8643: opportunistic SRTP (MED-7)', () => {
  const prefer = () => aCallMedia({ policy: { srtp: 'prefer' } });

  it('is offered as plain RTP with keys beside it (§3.1)', async () => {
    const sdp = await offered(prefer().media);

    expect(linesOf(sdp, 'm=')[0]).toContain('RTP/AVP');
    expect(cryptoOf(sdp)).toHaveLength(4);
  });

  it('becomes SRTP where the answer has a key, and plain RTP where it has none (§3.3)', async () => {
    const [secure, plain] = [prefer(), prefer()];
    await offered(secure.media);
    await offered(plain.media);

    taken(secure.media.takeImsAnswer(anImsSdp(crypto(`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`))));
    taken(plain.media.takeImsAnswer(anImsSdp()));

    expect(secure.call.remoteIms?.srtp?.suite).toBe('AES_CM_128_HMAC_SHA1_80');
    expect(plain.call.remoteIms).toBeDefined();
    expect(plain.call.remoteIms?.srtp).toBeUndefined();
  });

  it('is taken where IMS offers it (§3.2)', async () => {
    const { media, call } = aCallMedia();

    const answer = await answered(media, anImsSdp(crypto(`7 AEAD_AES_128_GCM inline:${GCM_KEY}`)));

    expect(linesOf(answer, 'm=')[0]).toContain('RTP/AVP');
    expect(cryptoOf(answer)[0]).toMatch(/^a=crypto:7 AEAD_AES_128_GCM inline:/);
    expect(call.remoteIms?.srtp?.suite).toBe('AEAD_AES_128_GCM');
  });
});
