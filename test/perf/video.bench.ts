import { runBench } from './bench-run.ts';
import type { Limit } from './report.ts';
import { liveCalls } from './video/live-calls.ts';
import { pictureWork } from './video/picture-work.ts';

const LIMITS: readonly Limit[] = [
  { case: 'live calls', figure: 'coresUsed', limit: 1, sense: 'max' },
  { case: 'live calls', figure: 'wholeP95Ms', limit: 200, sense: 'max' },
];

await runBench('video', LIMITS, async ({ quick }) => {
  const seconds = quick ? 3 : 20;
  const pictures = quick ? 60 : 300;
  return [
    pictureWork('VP8', 'H264', pictures),
    pictureWork('H264', 'VP8', pictures),
    await liveCalls({ calls: 2, seconds }),
  ];
});
