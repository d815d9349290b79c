import { spawnSync } from 'node:child_process';
import type { PictureSize, VideoCodecName } from '../../../media-node/src/ports/video-codecs.ts';

export const VGA: PictureSize = { width: 640, height: 480 };

function ffmpeg(args: readonly string[], input?: Uint8Array): Buffer {
  const { status, stdout, stderr } = spawnSync('ffmpeg', ['-v', 'error', ...args], {
    ...(input ? { input } : {}),
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`ffmpeg: ${stderr.toString()}`);
  return stdout;
}

const sizeOf = ({ width, height }: PictureSize): string => `${String(width)}x${String(height)}`;
const bytesOf = ({ width, height }: PictureSize): number => (width * height * 3) / 2;
const RAW = ['-pix_fmt', 'yuv420p', '-f', 'rawvideo'];

/** FFmpeg's moving test card, 30 pictures a second, as planes of 4:2:0. */
export const movingPicture = (size: PictureSize, pictures: number): Buffer =>
  ffmpeg([
    ...['-f', 'lavfi', '-i', `testsrc2=size=${sizeOf(size)}:rate=30`],
    ...['-frames:v', String(pictures), ...RAW, '-'],
  ]);

/** The pictures as an encoder that is not ours makes them; only the first is whole. */
export function encodedApart(
  codec: VideoCodecName,
  size: PictureSize,
  raw: Uint8Array,
): readonly Uint8Array[] {
  const input = [
    '-f',
    'rawvideo',
    '-pix_fmt',
    'yuv420p',
    '-s',
    sizeOf(size),
    '-r',
    '30',
    '-i',
    '-',
  ];
  const rate = ['-b:v', '2M', '-g', '9999', '-threads', '1'];
  if (codec === 'VP8') {
    const vp8 = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-auto-alt-ref', '0'];
    return ivfFrames(
      ffmpeg([...input, ...vp8, ...rate, '-lag-in-frames', '0', '-f', 'ivf', '-'], raw),
    );
  }
  const h264 = ['-c:v', 'libx264', '-profile:v', 'baseline', '-preset', 'ultrafast'];
  const live = ['-tune', 'zerolatency', '-x264-params', 'aud=1:slices=1:sliced-threads=0'];
  return unitsBetweenDelimiters(
    ffmpeg([...input, ...h264, ...live, ...rate, '-f', 'h264', '-'], raw),
  );
}

function ivfFrames(file: Buffer): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 32; at + 12 <= file.length; ) {
    const bytes = file.readUInt32LE(at);
    frames.push(file.subarray(at + 12, at + 12 + bytes));
    at += 12 + bytes;
  }
  return frames;
}

function unitsBetweenDelimiters(stream: Buffer): readonly Uint8Array[] {
  const delimiter = Buffer.of(0, 0, 0, 1, 9);
  const starts: number[] = [];
  for (let at = stream.indexOf(delimiter); at >= 0; at = stream.indexOf(delimiter, at + 1)) {
    starts.push(at);
  }
  return starts.map((start, index) => stream.subarray(start, starts[index + 1]));
}

/** What a decoder that is not ours sees. */
export function decodedApart(codec: VideoCodecName, frames: readonly Uint8Array[]): Buffer {
  const input = codec === 'VP8' ? ivf(frames) : Buffer.concat(frames);
  const format = codec === 'VP8' ? 'ivf' : 'h264';
  return ffmpeg(['-f', format, '-i', '-', '-vsync', 'passthrough', ...RAW, '-'], input);
}

/** How many pictures such a decoder sees, of whatever sizes. */
export function countedApart(codec: VideoCodecName, frames: readonly Uint8Array[]): number {
  const input = codec === 'VP8' ? ivf(frames) : Buffer.concat(frames);
  const format = codec === 'VP8' ? 'ivf' : 'h264';
  const sums = ffmpeg(
    ['-f', format, '-i', '-', '-vsync', 'passthrough', '-f', 'framecrc', '-'],
    input,
  );
  return sums
    .toString()
    .split('\n')
    .filter((it) => /^\d/.test(it)).length;
}

function ivf(frames: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(32);
  head.write('DKIF\0\0\x20\0VP80', 'latin1');
  head.writeUInt16LE(VGA.width, 12);
  head.writeUInt16LE(VGA.height, 14);
  head.writeUInt32LE(30, 16);
  head.writeUInt32LE(1, 20);
  const parts = frames.flatMap((frame, index) => {
    const own = Buffer.alloc(12);
    own.writeUInt32LE(frame.length, 0);
    own.writeUInt32LE(index, 4);
    return [own, frame];
  });
  return Buffer.concat([head, ...parts]);
}

/** Peak signal to noise of the brightness, dB, of each picture; the same pictures have no bound. */
export function likeness(a: Uint8Array, b: Uint8Array, size: PictureSize): readonly number[] {
  const whole = bytesOf(size);
  const bright = size.width * size.height;
  return Array.from({ length: Math.floor(Math.min(a.length, b.length) / whole) }, (_, picture) => {
    let error = 0;
    for (let at = picture * whole; at < picture * whole + bright; at += 1) {
      error += ((a[at] ?? 0) - (b[at] ?? 0)) ** 2;
    }
    return 10 * Math.log10(255 ** 2 / (error / bright));
  });
}
