import { createVoiceCodecs } from '../../media-node/src/adapters/codecs/create-voice-codecs.ts';
import { createWorkerTranscoder } from '../../media-node/src/adapters/codecs/worker-transcoder.ts';
import { systemClock } from '../../media-node/src/adapters/time/system-clock.ts';
import { payloadOf, readRtpHeader, writeRtp } from '../../media-node/src/core/media/rtp-packet.ts';
import { readVoicePayload } from '../../media-node/src/core/voice/voice-frame.ts';
import type { Transcoder } from '../../media-node/src/ports/transcoder.ts';
import { LEGS, planOf } from '../support/a-voice-leg.ts';
import { noLog } from '../support/node-no-log.ts';
import { speakInto } from '../support/speak-into.ts';
import { until } from '../support/until.ts';
import { hum } from './voice-codecs.contract.ts';

class CountingMetrics {
  readonly counted: string[] = [];
  readonly gauges = new Map<string, number>();
  count(name: string): void {
    this.counted.push(name);
  }
  gauge(name: string, value: number): void {
    this.gauges.set(name, value);
  }
}

const open: Transcoder[] = [];
afterEach(async () => {
  for (const transcoder of open.splice(0)) await transcoder.close();
});

function aTranscoder(capacity = 4, threads = 2) {
  const metrics = new CountingMetrics();
  const transcoder = createWorkerTranscoder(
    { codecs: createVoiceCodecs(), clock: systemClock, log: noLog, metrics },
    { threads, capacity },
  );
  open.push(transcoder);
  return { transcoder, metrics };
}

describe('MED-8: the transcoder in threads', () => {
  it.each(['AMR-WB', 'AMR', 'G722', 'PCMU', 'PCMA'] as const)(
    'gives back %s for Opus, as whole packets in order',
    async (codec) => {
      const { transcoder } = aTranscoder();

      const { left } = await speakInto(transcoder, planOf(LEGS[codec]), 12);

      const headers = left.map((it) => readRtpHeader(it.packet));
      expect(new Set(left.map((it) => it.to))).toEqual(new Set(['ims']));
      expect(new Set(headers.map((it) => it?.payloadType))).toEqual(new Set([LEGS[codec].leaving]));
      const steps = headers
        .slice(1)
        .map((it, at) => (it?.sequence ?? 0) - (headers[at]?.sequence ?? 0));
      expect(new Set(steps)).toEqual(new Set([1]));
    },
  );

  it('MED-13: tells how long it holds what comes, and what came too late', async () => {
    const { transcoder } = aTranscoder();
    const { slot } = await speakInto(transcoder, planOf(LEGS.PCMU), 5);
    const before = slot?.playout?.ims;

    await until(() => slot?.playout !== undefined);
    const told = slot?.playout;
    slot?.stop();

    expect(before).toBeUndefined();
    expect(told?.browser.delayMs).toBeGreaterThanOrEqual(20);
    expect(told?.browser).toMatchObject({ late: 0 });
    expect(told?.ims).toEqual({ late: 0, concealed: 0 });
    expect(slot?.playout).toBeUndefined();
  });

  it.each([
    ['AMR-WB', 2],
    ['AMR', 7],
  ] as const)(
    'MED-13: tells in which mode it speaks %s, and of none that it has not heard',
    async (codec, mode) => {
      const { transcoder } = aTranscoder();
      const { slot } = await speakInto(transcoder, planOf(LEGS[codec]), 12);

      await until(() => slot?.playout?.ims.sentModes !== undefined);
      const told = slot?.playout?.ims;

      expect(told?.sentModes?.latest).toBe(mode);
      expect(told?.sentModes?.frames[mode]).toBeGreaterThanOrEqual(9);
      expect(told?.heardModes).toBeUndefined();
      expect(slot?.playout?.browser).not.toHaveProperty('heardModes');
    },
  );

  it('sends AMR twice to a side that reports loss, where both have said so (max-red)', async () => {
    const { transcoder } = aTranscoder();
    const format = 'max-red=80';
    const leg = { ...LEGS['AMR-WB'], arrivingFormat: format, leavingFormat: format };
    const framesOf = (packet: Uint8Array | undefined): number => {
      const header = packet && readRtpHeader(packet);
      const payload = packet && header && payloadOf(packet, header);
      return payload ? (readVoicePayload(leg, payload)?.frames.length ?? 0) : 0;
    };

    const { left } = await speakInto(
      transcoder,
      planOf(leg),
      (packets) => framesOf(packets.at(-1)?.packet) > 1,
    );

    expect(framesOf(left[0]?.packet)).toBe(1);
    expect(framesOf(left.at(-1)?.packet)).toBe(2);
  });

  it('keeps calls of all its threads apart', async () => {
    const { transcoder } = aTranscoder();

    const calls = await Promise.all(
      [LEGS.PCMU, LEGS.PCMA, LEGS.G722].map((leg) => speakInto(transcoder, planOf(leg), 5)),
    );

    const kinds = calls.map(
      ({ left }) => new Set(left.map((it) => readRtpHeader(it.packet)?.payloadType)),
    );
    expect(kinds).toEqual([new Set([0]), new Set([8]), new Set([9])]);
  });

  it('goes on under another plan in the middle of a call', async () => {
    const { transcoder } = aTranscoder();
    const { slot, left } = await speakInto(transcoder, planOf(LEGS.PCMU), 5);
    const again: number[] = [];

    slot?.start(planOf(LEGS.PCMA), {
      leave: (_to, packet) => again.push(readRtpHeader(packet)?.payloadType ?? -1),
      lostAt: () => undefined,
    });
    const payload = createVoiceCodecs()
      .openEncoder({ codec: 'opus', rateHz: 8000, withPauses: false })
      .encode(hum(8000, 0), 0)
      .slice();
    const fields = { marker: false, payloadType: 111, ssrc: 10 };
    for (const sequence of [0, 1, 2, 3, 4]) {
      slot?.take('browser', writeRtp({ ...fields, sequence, timestamp: sequence * 960 }, payload));
    }
    await until(() => again.length >= 3);

    expect(left.length).toBeGreaterThanOrEqual(5);
    expect(new Set(again)).toEqual(new Set([8]));
  });
});

describe('OPS-4: places of the transcoder', () => {
  it('are as many as it was given, are counted, and come back once each', () => {
    const { transcoder, metrics } = aTranscoder(2);
    const [first, second] = [transcoder.reserve(), transcoder.reserve()];

    const third = transcoder.reserve();
    first?.release();
    first?.release();

    expect(second).toBeDefined();
    expect(third).toBeUndefined();
    expect(transcoder.load).toEqual({ used: 1, capacity: 2 });
    expect(metrics.gauges.get('transcoding_slots_used')).toBe(1);
    expect(metrics.counted).toEqual(['transcoding_refused']);
    expect(transcoder.reserve()).toBeDefined();
    expect(transcoder.reserve()).toBeUndefined();
  });
});
