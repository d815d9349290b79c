import { readFileSync } from 'node:fs';
import { type ScoreCase, scoreSpeech } from './score.ts';

/** A program: cases on its standard input, their scores on its output. */
const samples = (text: string): Int16Array => {
  const bytes = Buffer.from(text, 'base64');
  return new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
};
type Sent = Omit<ScoreCase, 'said' | 'heard'> & { readonly said: string; readonly heard: string };

const cases = JSON.parse(readFileSync(0, 'utf8')) as readonly Sent[];
const scores = cases.map((it) =>
  scoreSpeech({ ...it, said: samples(it.said), heard: samples(it.heard) }),
);
process.stdout.write(JSON.stringify(scores));
