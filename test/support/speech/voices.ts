import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Two languages, a man and a woman of each, as espeak-ng names them. */
export const VOICES = [
  {
    name: 'en-us',
    text: 'The harbour lights went out one after the other, before the morning wind rose.',
  },
  {
    name: 'en-gb+f3',
    text: 'She sells five yellow boats, and nobody knows who has bought them yet.',
  },
  { name: 'de', text: 'Der alte Leuchtturm steht noch, doch niemand zündet ihn mehr an.' },
  {
    name: 'de+f2',
    text: 'Morgen früh fahren wir zusammen über den Fluss und kaufen frisches Brot.',
  },
] as const;
export type Voice = (typeof VOICES)[number];

const MAX_BYTES = 64 * 2 ** 20;

function run(command: string, args: readonly string[], input?: Uint8Array): Buffer {
  const { stdout, status, stderr } = spawnSync(command, args, { input, maxBuffer: MAX_BYTES });
  if (status !== 0) throw new Error(`${command}: ${stderr.toString()}`);
  return stdout;
}

/** What ffmpeg reads, as samples of one channel. */
export function samplesFrom(
  source: string | Uint8Array,
  rateHz: number,
  format?: readonly string[],
): Int16Array {
  const from = typeof source === 'string' ? source : '-';
  const args = [
    '-v',
    'error',
    ...(format ?? []),
    '-i',
    from,
    '-ar',
    String(rateHz),
    '-ac',
    '1',
    '-f',
    's16le',
    '-',
  ];
  const bytes = run('ffmpeg', args, typeof source === 'string' ? undefined : source);
  return new Int16Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~1)),
  );
}

/** A sentence at a rate, three tenths of a second of silence after it. */
export function spoken({ name, text }: Voice, rateHz: number): Int16Array {
  const wav = run('espeak-ng', ['-v', name, '-s', '165', '--stdout', text]);
  const speech = samplesFrom(wav, rateHz);
  const loudest = speech.reduce((most, it) => Math.max(most, Math.abs(it)), 1);
  const whole = new Int16Array(speech.length + Math.round(rateHz * 0.3));
  whole.set(speech.map((it) => (it * 20_000) / loudest));
  return whole;
}

/** Fainter is no speech. */
const FAINT = 300;
/** So little that no codec takes it for a pause: AMR goes on for seven frames (3GPP TS 26.093). */
const EDGE_S = 0.03;

/** Without the silence at its ends: what is not sent in a pause is missing in the recording of a phone. */
export function pauseless(pcm: Int16Array, rateHz: number): Int16Array {
  const isLoud = (sample: number): boolean => Math.abs(sample) > FAINT;
  const edge = Math.round(EDGE_S * rateHz);
  return pcm.slice(Math.max(0, pcm.findIndex(isLoud) - edge), pcm.findLastIndex(isLoud) + edge);
}

/** The same sentence over and over. */
export function repeated(pcm: Int16Array, times: number): Int16Array {
  const whole = new Int16Array(pcm.length * times);
  for (let at = 0; at < times; at += 1) whole.set(pcm, at * pcm.length);
  return whole;
}

/** A WAV file of it; 48 kHz in two channels is what every player and browser takes. */
export function writeWav(path: string, pcm: Int16Array, rateHz: number): void {
  mkdirSync(join(path, '..'), { recursive: true });
  const raw = new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  const format = ['-f', 's16le', '-ar', String(rateHz), '-ac', '1'];
  writeFileSync(
    path,
    run(
      'ffmpeg',
      ['-v', 'error', ...format, '-i', '-', '-ar', '48000', '-ac', '2', '-f', 'wav', '-'],
      raw,
    ),
  );
}
