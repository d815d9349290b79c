import { nodeSrtpCrypto } from '../../media-node/src/adapters/werift/node-srtp-crypto.ts';
import { SrtpReceiver, SrtpSender } from '../../media-node/src/core/media/srtp-session.ts';
import { masterBytes, srtpKeysOf } from '../../media-node/src/core/media/srtp-suite.ts';
import type { SrtpSuite } from '../../media-node/src/ports/media-plane.ts';
import { anEngine, aPeer, NO_EVENTS, NOTHING, rtp } from '../support/native-engine.ts';
import { until } from '../support/until.ts';

const RTP_PORT = 43_500;

describe('MED-7: the native relay with keys that were signalled', () => {
  it.each<readonly [string, string, SrtpSuite, number]>([
    ['IPv6', '::1', 'AEAD_AES_256_GCM', 8],
    ['IPv6', '::1', 'AES_CM_128_HMAC_SHA1_32', 2],
    ['IPv4', '127.0.0.1', 'AEAD_AES_128_GCM', 7],
    ['IPv4', '127.0.0.1', 'AES_CM_128_HMAC_SHA1_80', 1],
  ])('carries voice over %s (%s) by %s both ways', async (_family, host, suite, profile) => {
    const { addon, handle, port, stats } = anEngine({ address: host });
    const [browser, ims] = [await aPeer(host), await aPeer(host)];
    const [from, to] = [3, 5].map((byte) => new Uint8Array(masterBytes(suite)).fill(byte));
    const sender = new SrtpSender(nodeSrtpCrypto, srtpKeysOf(suite, from ?? NOTHING));
    const receiver = new SrtpReceiver(nodeSrtpCrypto, srtpKeysOf(suite, to ?? NOTHING));
    const passing = Uint8Array.from({ length: 128 }, (_, payloadType) => payloadType);
    addon.open(handle, 0, 1, 'relay', RTP_PORT);
    addon.setKeys(handle, 0, profile, from ?? NOTHING, to ?? NOTHING, browser.at);
    addon.connectIms(handle, 0, ims.at, { ...ims.at, port: 9 }, false, 0, NOTHING, NOTHING);
    addon.setRewrite(handle, 0, passing, passing, 8000, 8000, NO_EVENTS, NO_EVENTS);
    addon.setGate(handle, 0, true, true, false);

    browser.socket.send(sender.protectRtp(rtp(1)) ?? NOTHING, port, host);
    ims.socket.send(rtp(1), RTP_PORT, host);
    await until(() => browser.heard.length === 1 && ims.heard.length === 1);
    addon.stop(handle);

    const opened = receiver.unprotectRtp(browser.heard[0] ?? NOTHING);
    expect(Buffer.from(opened?.subarray(12) ?? []).toString()).toBe('a voice');
    expect(ims.heard[0]?.subarray(12).toString()).toBe('a voice');
    expect(stats.read(0).access).toMatchObject({ packetsReceived: 1, packetsSent: 1 });
    for (const { socket } of [browser, ims]) socket.close();
  });

  it('refuses what is no address, no key and no certificate in words, and goes on', () => {
    const { addon, handle } = anEngine({ address: '127.0.0.1' });
    const nowhere = { address: 'nowhere', port: 1 };

    expect(() => {
      addon.addCandidate(handle, 0, nowhere);
    }).toThrow('candidate');
    expect(() => {
      addon.setRewrite(handle, 0, 'x' as never, NOTHING, 0, 0, NO_EVENTS, NO_EVENTS);
    }).toThrow('toIms');
    expect(addon.setKeys(handle, 0, 7, NOTHING, NOTHING, { ...nowhere, address: '::1' })).toBe(
      false,
    );
    expect(addon.open(handle, 0, 1, 'relay', 70_000)).toBeUndefined();
    expect(addon.open(handle, 9, 1, 'relay', RTP_PORT)).toBeUndefined();
    expect(addon.open(handle, 0, 1, 'relay', RTP_PORT)).toBeDefined();
    addon.stop(handle);
    expect(() => {
      addon.stop(handle);
    }).not.toThrow();
    expect(addon.open(handle, 0, 1, 'relay', RTP_PORT)).toBeUndefined();
  });
});
