import { spawnSync } from 'node:child_process';
import { createVoiceCodecs } from '../../media-node/src/adapters/codecs/create-voice-codecs.ts';
import { loadNativeAddon } from '../../media-node/src/adapters/codecs/native-addon.ts';
import { FakeVoiceCodecs } from '../support/fake-voice-codecs.ts';
import { describeVoiceCodecs, hum, rateOf } from './voice-codecs.contract.ts';

describeVoiceCodecs('real', () => createVoiceCodecs());
describeVoiceCodecs('fake', () => new FakeVoiceCodecs());

const samplesOf = (pcm: Uint8Array): Int16Array =>
  new Int16Array(pcm.buffer.slice(pcm.byteOffset, pcm.byteOffset + (pcm.length & ~1)));

/** 1 for the same sound; a codec of its own that reads another's frames wrongly comes near 0. */
function likeness(a: Int16Array, b: Int16Array): number {
  const length = Math.min(a.length, b.length);
  let [ab, aa, bb] = [0, 0, 0];
  for (let at = 0; at < length; at += 1) {
    const [x, y] = [a[at] ?? 0, b[at] ?? 0];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / Math.sqrt(aa * bb + 1);
}

/** The packets of an Ogg stream (RFC 3533 §6): runs of lacing values that end below 255. */
function oggPackets(stream: Uint8Array): readonly Uint8Array[] {
  const packets: Uint8Array[] = [];
  let part: number[] = [];
  for (let at = 0; at + 27 <= stream.length; ) {
    const lacing = stream.subarray(at + 27, at + 27 + (stream[at + 26] ?? 0));
    at += 27 + lacing.length;
    for (const length of lacing) {
      part.push(...stream.subarray(at, at + length));
      at += length;
      if (length === 255) continue;
      packets.push(Uint8Array.from(part));
      part = [];
    }
  }
  return packets;
}

describe('MED-8: frames of the codec addon', () => {
  it('finds every library that the tests install', () => {
    const codecs = createVoiceCodecs();

    expect([...codecs.missing]).toEqual([]);
    expect([...codecs.available].sort()).toEqual(['AMR', 'AMR-WB', 'G722', 'PCMA', 'PCMU', 'opus']);
  });

  it('without the addon leaves G.722 and G.711, and tells why the others are missing', () => {
    const codecs = createVoiceCodecs(loadNativeAddon(['./not-there.node']));

    expect([...codecs.available].sort()).toEqual(['G722', 'PCMA', 'PCMU']);
    expect(codecs.missing.get('AMR-WB')).toBe('the addon is not built');
  });

  it.each([
    ['AMR', '#!AMR\n', [0, 3, 7]],
    ['AMR-WB', '#!AMR-WB\n', [0, 2, 8]],
  ] as const)('of %s are decoded by FFmpeg to the sound that we decode', (codec, magic, modes) => {
    const codecs = createVoiceCodecs();
    for (const mode of modes) {
      const rateHz = rateOf(codec);
      const encoder = codecs.openEncoder({ codec, rateHz, withPauses: false });
      const decoder = codecs.openDecoder(codec, rateHz);
      const file: Uint8Array[] = [Buffer.from(magic)];
      const ours: number[] = [];
      for (let turn = 0; turn < 50; turn += 1) {
        const frame = encoder.encode(hum(rateHz, turn), mode).slice();
        const pcm = new Int16Array(rateHz / 50);
        decoder.decode(frame, pcm);
        file.push(frame);
        ours.push(...pcm);
      }

      const { stdout } = spawnSync('ffmpeg', ['-v', 'error', '-i', '-', '-f', 's16le', '-'], {
        input: Buffer.concat(file),
      });

      // The high-pass filters of the two differ in phase; frames read wrongly come to 0.2.
      expect(likeness(samplesOf(stdout), Int16Array.from(ours))).toBeGreaterThan(0.7);
    }
  });

  it('of Opus in stereo become one channel that has both (RFC 7587 §3.4)', () => {
    const tone = (hz: number): string =>
      `sine=frequency=${String(hz)}:sample_rate=48000:duration=1`;
    const inputs = [300, 900].flatMap((hz) => ['-f', 'lavfi', '-i', tone(hz)]);
    const merged = ['-filter_complex', 'amerge=inputs=2', '-c:a', 'libopus', '-b:a', '96k'];
    const { stdout } = spawnSync(
      'ffmpeg',
      ['-v', 'error', ...inputs, ...merged, '-f', 'ogg', '-'],
      { maxBuffer: 2 ** 22 },
    );
    const decoder = createVoiceCodecs().openDecoder('opus', 16_000);
    const heard: number[] = [];
    for (const packet of oggPackets(stdout).slice(2)) {
      const pcm = new Int16Array(320);
      expect(decoder.decode(packet, pcm)).toBe(320);
      // The second bit of the TOC from the right but two: a stereo packet (RFC 6716 §3.1).
      expect((packet[0] ?? 0) & 4).toBe(4);
      heard.push(...pcm);
    }

    const pcm = Int16Array.from(heard.slice(3200, 12_800));
    const sine = (hz: number): Int16Array =>
      pcm.map((_, at) => 10_000 * Math.sin((2 * Math.PI * hz * at) / 16_000));
    const cosine = (hz: number): Int16Array =>
      pcm.map((_, at) => 10_000 * Math.cos((2 * Math.PI * hz * at) / 16_000));
    const share = (hz: number): number =>
      Math.hypot(likeness(pcm, sine(hz)), likeness(pcm, cosine(hz)));
    expect(share(300)).toBeGreaterThan(0.6);
    expect(share(900)).toBeGreaterThan(0.6);
    expect(share(600)).toBeLessThan(0.2);
  });

  it('of AMR pause where there is silence, and decode to something quiet', () => {
    const codecs = createVoiceCodecs();
    for (const codec of ['AMR', 'AMR-WB'] as const) {
      const rateHz = rateOf(codec);
      const encoder = codecs.openEncoder({ codec, rateHz, withPauses: true });
      const decoder = codecs.openDecoder(codec, rateHz);
      const pcm = new Int16Array(rateHz / 50);
      const types = Array.from({ length: 100 }, (_, turn) => {
        const frame = encoder.encode(
          turn < 20 ? hum(rateHz, turn) : new Int16Array(rateHz / 50),
          2,
        );
        decoder.decode(frame, pcm);
        return (frame[0] ?? 0) >> 3;
      });

      const sid = codec === 'AMR' ? 8 : 9;
      expect(types.filter((it) => it === sid).length).toBeGreaterThan(3);
      expect(types.filter((it) => it === 15).length).toBeGreaterThan(30);
      expect(Math.max(...pcm)).toBeLessThan(200);
    }
  });

  it.each(['opus', 'AMR-WB', 'AMR'] as const)('of nobody do no harm: any bytes as %s', (codec) => {
    const codecs = createVoiceCodecs();
    const decoder = codecs.openDecoder(codec, rateOf(codec));
    const pcm = new Int16Array((rateOf(codec) / 50) * 6);
    for (let length = 0; length < 300; length += 1) {
      const frame = Uint8Array.from(
        { length: length % 80 },
        (_, at) => (at * 167 + length * 31) & 255,
      );
      expect(decoder.decode(frame, pcm)).toBeLessThanOrEqual(pcm.length);
      expect(decoder.conceal(pcm.subarray(0, rateOf(codec) / 50), frame)).toBeGreaterThanOrEqual(0);
    }
  });

  it('of AMR are the length of their type, or refused', () => {
    const decoder = createVoiceCodecs().openDecoder('AMR-WB', 16_000);
    const pcm = new Int16Array(320);

    expect(decoder.decode(new Uint8Array(33).fill(0, 1).fill((2 << 3) | 4, 0, 1), pcm)).toBe(320);
    expect(decoder.decode(new Uint8Array(32).fill((2 << 3) | 4, 0, 1), pcm)).toBe(0);
    expect(decoder.decode(Uint8Array.of((12 << 3) | 4), pcm)).toBe(0);
  });

  it('refuses what is no codec of its own and no typed array', () => {
    const loaded = loadNativeAddon();
    if (!loaded.ok) throw new Error(loaded.reason);
    const { addon } = loaded;
    const codec = addon.openOpusDecoder(16_000);
    const wrong = [{}, new Uint8Array(4), 7] as unknown as (typeof codec)[];

    for (const it of wrong) {
      expect(() => addon.decode(it, new Uint8Array(3), new Int16Array(320), 0)).toThrow(
        'no decoder',
      );
    }
    expect(() => addon.encode(codec, new Int16Array(320), new Uint8Array(9), 0)).toThrow(
      'no encoder',
    );
    expect(() => addon.openOpusDecoder(11_025)).toThrow('cannot be opened');
    const bytes = new Uint8Array(640) as unknown as Int16Array;
    expect(() => addon.decode(codec, new Uint8Array(3), bytes, 0)).toThrow('Int16Array');
  });
});
