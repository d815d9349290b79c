import { RtpHeader, SrtcpSession, SrtpSession } from 'werift';
import { nodeSrtpCrypto } from '../../media-node/src/adapters/werift/node-srtp-crypto.ts';
import { PacketIndex } from '../../media-node/src/core/media/packet-index.ts';
import { ReplayWindow } from '../../media-node/src/core/media/replay-window.ts';
import { writeGoodbye } from '../../media-node/src/core/media/rtcp-packet.ts';
import { writeRtp } from '../../media-node/src/core/media/rtp-packet.ts';
import { deriveSessionKeys, SRTP_LABEL } from '../../media-node/src/core/media/srtp-crypto.ts';
import { SrtpReceiver, SrtpSender } from '../../media-node/src/core/media/srtp-session.ts';

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const hex = (of: Uint8Array) => Buffer.from(of).toString('hex').toUpperCase();

const MASTER_KEY = bytes('E1F97A0D3E018BE0D64FA32C06DE4139');
const MASTER_SALT = bytes('0EC675AD498AFEEBB6960B3AABE6');
const CM = { profile: 1, masterKey: MASTER_KEY, masterSalt: MASTER_SALT };
const GCM = { profile: 7, masterKey: MASTER_KEY, masterSalt: MASTER_SALT.subarray(0, 12) };
const SHORT = { ...CM, profile: 2 };
const GCM_256 = {
  profile: 8,
  masterKey: Buffer.concat([MASTER_KEY, MASTER_KEY]),
  masterSalt: MASTER_SALT.subarray(0, 12),
};
/** What werift knows as well, to compare with. */
const BOTH = [
  ['AES_CM_128_HMAC_SHA1_80', CM],
  ['AEAD_AES_128_GCM', GCM],
] as const;
const ALL = [...BOTH, ['AES_CM_128_HMAC_SHA1_32', SHORT], ['AEAD_AES_256_GCM', GCM_256]] as const;

const rtp = (sequence: number, text = 'voice', ssrc = 7) =>
  writeRtp(
    { marker: false, payloadType: 9, sequence, timestamp: sequence * 160, ssrc },
    Buffer.from(text),
  );

describe('RFC 3711 Appendix B.3: key derivation', () => {
  it('yields the keys of the test vector', () => {
    const keys = deriveSessionKeys(nodeSrtpCrypto, CM, SRTP_LABEL);

    expect(hex(keys.cipherKey)).toBe('C61E7A93744F39EE10734AFE3FF7A087');
    expect(hex(keys.salt)).toBe('30CBBC08863D8C85D49DB34A9AE1');
    expect(hex(keys.authKey)).toBe('CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4');
  });
});

describe.each(ALL)('RFC 3711 §3.3: %s', (_name, keys) => {
  const receiver = () => new SrtpReceiver(nodeSrtpCrypto, keys);
  const sender = () => new SrtpSender(nodeSrtpCrypto, keys);
  const sealed = (by: SrtpSender, packet: Uint8Array) => by.protectRtp(packet) ?? new Uint8Array();

  it('brings back what was protected, across the rollover of the sequence number', () => {
    const [from, to] = [sender(), receiver()];

    for (const sequence of [65_533, 65_534, 65_535, 0, 1, 2]) {
      expect(to.unprotectRtp(sealed(from, rtp(sequence)))).toEqual(rtp(sequence));
    }
  });

  it('takes packets out of order around the rollover, each once', () => {
    const from = sender();
    const packets = [65_534, 65_535, 0, 1].map((it) => sealed(from, rtp(it)));
    const to = receiver();

    const order = [0, 2, 1, 3, 1, 0, 2].map((it) =>
      to.unprotectRtp(packets[it] ?? new Uint8Array()),
    );

    expect(order.map((it) => it !== undefined)).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('keeps the index of each SSRC by itself', () => {
    const [from, to] = [sender(), receiver()];

    expect(to.unprotectRtp(sealed(from, rtp(65_535, 'a', 1)))).toBeDefined();
    expect(to.unprotectRtp(sealed(from, rtp(3, 'b', 2)))).toEqual(rtp(3, 'b', 2));
    expect(to.unprotectRtp(sealed(from, rtp(0, 'c', 1)))).toEqual(rtp(0, 'c', 1));
  });

  it('is not moved by a forged packet', () => {
    const [from, to] = [sender(), receiver()];
    expect(to.unprotectRtp(sealed(from, rtp(10)))).toBeDefined();
    const forged = Buffer.concat([rtp(40_000), Buffer.alloc(16)]);

    expect(to.unprotectRtp(forged)).toBeUndefined();
    expect(to.unprotectRtp(sealed(from, rtp(11)))).toEqual(rtp(11));
  });

  it.each([0, 1, 12, 20])('refuses a packet with byte %i changed', (at) => {
    const packet = Uint8Array.from(sealed(sender(), rtp(10)));
    packet[at] = (packet[at] ?? 0) ^ 1;

    expect(receiver().unprotectRtp(packet)).toBeUndefined();
  });

  it.each([0, 11, 12, 13, 20])('survives a packet cut to %i bytes', (length) => {
    const to = receiver();
    const cut = sealed(sender(), rtp(10)).subarray(0, length);

    expect(to.unprotectRtp(cut)).toBeUndefined();
    expect(to.unprotectRtcp(cut)).toBeUndefined();
  });

  it('never protects two packets under one index (§9.1)', () => {
    const from = sender();

    expect(from.protectRtp(rtp(10, 'one'))).toBeDefined();
    expect(from.protectRtp(rtp(10, 'two'))).toBeUndefined();
    expect(from.protectRtp(rtp(11, 'two'))).toBeDefined();
  });

  it('protects RTCP, refuses its replay and its change', () => {
    const [from, to] = [sender(), receiver()];
    const compound = writeGoodbye({ ssrc: 7, cname: 'node', blocks: [] });
    const packet = from.protectRtcp(compound);
    const changed = Uint8Array.from(packet);
    changed[9] = (changed[9] ?? 0) ^ 1;

    expect(to.unprotectRtcp(changed)).toBeUndefined();
    expect(to.unprotectRtcp(packet)).toEqual(compound);
    expect(to.unprotectRtcp(packet)).toBeUndefined();
    expect(to.unprotectRtcp(from.protectRtcp(compound))).toEqual(compound);
  });

  it('puts the tag of its suite behind RTP, and the long one behind RTCP (RFC 4568 §6.2)', () => {
    const tag = { 1: 10, 2: 4, 7: 16, 8: 16 }[keys.profile];
    const compound = writeGoodbye({ ssrc: 7, cname: 'node', blocks: [] });

    expect(sealed(sender(), rtp(1)).length - rtp(1).length).toBe(tag);
    expect(sender().protectRtcp(compound).length - compound.length).toBe(
      4 + (tag === 16 ? 16 : 10),
    );
  });
});

describe.each(BOTH)('RFC 3711 and RFC 7714: %s', (_name, keys) => {
  const receiver = () => new SrtpReceiver(nodeSrtpCrypto, keys);
  const sender = () => new SrtpSender(nodeSrtpCrypto, keys);
  const sealed = (by: SrtpSender, packet: Uint8Array) => by.protectRtp(packet) ?? new Uint8Array();

  it('agrees with another implementation, RTP and RTCP, both ways', () => {
    const theirKeys = {
      localMasterKey: keys.masterKey,
      localMasterSalt: keys.masterSalt,
      remoteMasterKey: keys.masterKey,
      remoteMasterSalt: keys.masterSalt,
    };
    const config = { profile: keys.profile, keys: theirKeys };
    const theirs = new SrtpSession(config);
    const theirRtcp = new SrtcpSession(config);
    const header = new RtpHeader({ payloadType: 9, sequenceNumber: 5, timestamp: 800, ssrc: 7 });
    const compound = writeGoodbye({ ssrc: 7, cname: 'node', blocks: [] });

    const fromThem = theirs.encrypt(Buffer.from('voice'), header);
    const rtcpFromThem = theirRtcp.encrypt(Buffer.from(compound));

    expect(receiver().unprotectRtp(fromThem)).toEqual(rtp(5));
    expect(receiver().unprotectRtcp(rtcpFromThem)).toEqual(compound);
    expect(hex(theirs.decrypt(Buffer.from(sealed(sender(), rtp(5)))))).toBe(hex(rtp(5)));
    expect(hex(theirRtcp.decrypt(Buffer.from(sender().protectRtcp(compound))))).toBe(hex(compound));
  });
});

describe('RFC 3711 §3.3.1: the packet index', () => {
  it.each([
    ['goes on within a rollover', 100, 101, 101],
    ['rolls over', 65_535, 0, 65_536],
    ['looks back across a rollover', 65_537, 65_530, 65_530],
    ['is negative before the first packet of all', 2, 65_530, -6],
    ['jumps ahead less than half the space', 10, 30_000, 30_000],
  ])('%s', (_name, highest, sequence, expected) => {
    const index = new PacketIndex();
    index.accept(highest);

    expect(index.estimate(sequence)).toBe(expected);
  });
});

describe('RFC 3711 §3.3.2: the replay window', () => {
  it('knows the last 128 packets, at least 64, and takes nothing older', () => {
    const window = new ReplayWindow();
    window.accept(1000);

    expect(window.isFresh(1000)).toBe(false);
    expect(window.isFresh(1000 - 64)).toBe(true);
    expect(window.isFresh(1000 - 127)).toBe(true);
    expect(window.isFresh(1000 - 128)).toBe(false);
    expect(window.isFresh(-1)).toBe(false);
  });
});
