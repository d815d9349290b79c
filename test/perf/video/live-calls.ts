import { createVideoCodecs } from '../../../media-node/src/adapters/codecs/create-video-codecs.ts';
import { createWorkerVideoTranscoder } from '../../../media-node/src/adapters/codecs/worker-video-transcoder.ts';
import { systemClock } from '../../../media-node/src/adapters/time/system-clock.ts';
import { otherLeg } from '../../../media-node/src/core/media/relay.ts';
import { readRtpHeader } from '../../../media-node/src/core/media/rtp-packet.ts';
import type { LegName } from '../../../media-node/src/ports/media-plane.ts';
import type { VideoCodecName } from '../../../media-node/src/ports/video-codecs.ts';
import type { VideoTranscoder } from '../../../media-node/src/ports/video-transcoder.ts';
import { noLog } from '../../support/node-no-log.ts';
import { encodedApart, movingPicture, VGA } from '../../support/video/moving-picture.ts';
import { PictureSender } from '../../support/video/packets.ts';
import type { Row } from '../report.ts';
import { legOf } from './picture-work.ts';

const PICTURE_MS = 1000 / 30;
const CODECS: Readonly<Record<LegName, VideoCodecName>> = { browser: 'VP8', ims: 'H264' };
const noMetrics = { count: () => undefined, gauge: () => undefined };

/** When each side was last sent a picture, and when it asked for a whole one. */
class Side {
  readonly sentMs: number[] = [];
  readonly delaysMs: number[] = [];
  readonly wholeMs: number[] = [];
  askedMs: number | undefined;
}

const at = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return Number((sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1));
};

const isWhole = (codec: VideoCodecName, payload: Uint8Array): boolean => {
  const [first = 0, second = 0, , , fifth = 1] = payload;
  if (codec === 'VP8') return first === 0x90 && (fifth & 1) === 0;
  const type = first & 0x1f;
  return type === 24 || type === 7 || (type === 28 && (second & 0x9f) === 0x85);
};

/** Times go on as the sender's do, from zero. */
const pictureOf = (packet: Uint8Array): number =>
  Math.round((readRtpHeader(packet)?.timestamp ?? 0) / 3000);

function aCall(transcoder: VideoTranscoder) {
  const sides = { browser: new Side(), ims: new Side() };
  const slot = transcoder.reserve();
  slot?.start(
    { browser: legOf(CODECS.browser), ims: legOf(CODECS.ims) },
    {
      leave(to, packet) {
        const nowMs = performance.now();
        const side = sides[to];
        if (side.askedMs !== undefined && isWhole(CODECS[to], packet.subarray(12))) {
          side.wholeMs.push(nowMs - side.askedMs);
          side.askedMs = undefined;
        }
        if ((packet[1] ?? 0) < 0x80) return;
        const from = sides[otherLeg(to)].sentMs[pictureOf(packet)];
        if (from !== undefined) side.delaysMs.push(nowMs - from);
      },
      askPicture: () => undefined,
      askAgain: () => undefined,
    },
  );
  const senders = {
    browser: new PictureSender('VP8', legOf('VP8').arriving),
    ims: new PictureSender('H264', legOf('H264').arriving),
  };
  return { slot, sides, senders };
}

/** One picture of that side; once a second the side wants a whole one itself. */
function film(
  { slot, sides, senders }: ReturnType<typeof aCall>,
  leg: LegName,
  { frames, picture }: { readonly frames: readonly Uint8Array[]; readonly picture: number },
): void {
  sides[leg].sentMs.push(performance.now());
  const frame = frames[picture % frames.length] ?? new Uint8Array();
  for (const packet of senders[leg].packets(frame)) slot?.take(leg, packet);
  if (picture % 30 !== 15) return;
  sides[leg].askedMs = performance.now();
  slot?.wantPicture(leg);
}

/** Calls in real time on one thread: its share of a core, and how late their pictures are. */
export async function liveCalls({
  calls,
  seconds,
}: {
  calls: number;
  seconds: number;
}): Promise<Row> {
  const pictures = Math.min(150, seconds * 30);
  const raw = movingPicture(VGA, pictures);
  const frames = { browser: encodedApart('VP8', VGA, raw), ims: encodedApart('H264', VGA, raw) };
  const transcoder = createWorkerVideoTranscoder(
    { codecs: createVideoCodecs(), clock: systemClock, log: noLog, metrics: noMetrics },
    { threads: 1, capacity: calls },
  );
  const live = Array.from({ length: calls }, () => aCall(transcoder));
  const before = process.cpuUsage();
  const startMs = performance.now();
  for (let picture = 0; picture < seconds * 30; picture += 1) {
    const dueMs = startMs + picture * PICTURE_MS;
    await new Promise((go) => setTimeout(go, Math.max(0, dueMs - performance.now())));
    for (const call of live) {
      film(call, 'browser', { frames: frames.browser, picture });
      film(call, 'ims', { frames: frames.ims, picture });
    }
  }
  const { user, system } = process.cpuUsage(before);
  const wallMs = performance.now() - startMs;
  await transcoder.close();
  const sides = live.flatMap((it) => [it.sides.browser, it.sides.ims]);
  return {
    case: 'live calls',
    subject: `VP8 ↔ H264 640x480, ${String(calls)} calls both ways`,
    coresUsed: Number(((user + system) / 1000 / wallMs).toFixed(2)),
    picturesPerS: Math.round(sides.flatMap((it) => it.delaysMs).length / calls / 2 / seconds),
    delayP50Ms: at(
      sides.flatMap((it) => it.delaysMs),
      0.5,
    ),
    delayP99Ms: at(
      sides.flatMap((it) => it.delaysMs),
      0.99,
    ),
    wholeP50Ms: at(
      sides.flatMap((it) => it.wholeMs),
      0.5,
    ),
    wholeP95Ms: at(
      sides.flatMap((it) => it.wholeMs),
      0.95,
    ),
  };
}
