import type { Clock } from '../clock.ts';
import { RINGING_TONE, TEST_TONE } from '../media/tone.ts';
import type { IncomingCall, Taken } from './incoming-call.ts';

export interface ServiceContext {
  readonly clock: Clock;
  /** Rings the caller back from this service; a tone plays once answered. */
  readonly callBack: () => void;
}

export interface Service extends Taken {
  readonly name: string;
  readonly what: string;
  readonly run: (call: IncomingCall, context: ServiceContext) => void | Promise<void>;
}

const NO_ANSWER_MS = 60_000;
const SLOW_RING_MS = 5_000;
const HOLD_AFTER_MS = 1_000;
const HOLD_MS = 4_000;
const VIDEO_AFTER_MS = 3_000;
const CALLME_TALK_MS = 1_000;
const CALLME_PAUSE_MS = 3_000;

export const SERVICES: readonly Service[] = [
  { name: 'echo', what: 'sends your sound back', run: echo },
  {
    name: 'tone',
    what: 'plays a tone of 440 Hz',
    codecs: ['PCMA', 'PCMU'],
    async run(call) {
      call.ring();
      await call.answer((endpoint) => {
        endpoint.play(TEST_TONE);
      });
    },
  },
  {
    name: 'busy',
    what: 'is busy',
    run(call) {
      call.reject(486);
    },
  },
  { name: 'noanswer', what: 'rings and never answers', run: ringInVain },
  {
    name: 'reject',
    what: 'declines',
    run(call) {
      call.reject(603);
    },
  },
  {
    ...{ name: 'slow', what: 'rings 5 s with early media, then sends your sound back' },
    // Tones are played in G.711.
    ...{ codecs: ['PCMA', 'PCMU'], run: slow },
  },
  { name: 'pcma', what: 'sends your sound back, accepts PCMA only', codecs: ['PCMA'], run: echo },
  { name: 'pcmu', what: 'sends your sound back, accepts PCMU only', codecs: ['PCMU'], run: echo },
  { name: 'hold', what: 'sends your sound back, holds you after 1 s for 4 s', run: hold },
  { name: 'video', what: 'sends your sound and your picture back', video: true, run: echo },
  {
    ...{ name: 'addvideo', what: 'sends your sound back, adds video after 3 s' },
    ...{ video: true, run: addVideo },
  },
  { name: 'callme', what: 'answers, hangs up after 1 s, rings you 3 s later', run: callMe },
];

async function echo(call: IncomingCall): Promise<void> {
  call.ring();
  await call.answer((endpoint) => {
    endpoint.echo();
  });
}

function ringInVain(call: IncomingCall, { clock }: ServiceContext): void {
  call.ring();
  clock.after(NO_ANSWER_MS, () => {
    call.reject(480);
  });
}

async function slow(call: IncomingCall, { clock }: ServiceContext): Promise<void> {
  clock.after(SLOW_RING_MS, () => {
    void call.answer((endpoint) => {
      endpoint.echo();
    });
  });
  await call.progress((endpoint) => {
    endpoint.play(RINGING_TONE);
  });
}

async function hold(call: IncomingCall, { clock }: ServiceContext): Promise<void> {
  await echo(call);
  clock.after(HOLD_AFTER_MS, () => {
    call.offer('sendonly');
    clock.after(HOLD_MS, () => {
      call.offer('sendrecv');
    });
  });
}

async function addVideo(call: IncomingCall, { clock }: ServiceContext): Promise<void> {
  await echo(call);
  clock.after(VIDEO_AFTER_MS, () => {
    call.addVideo();
  });
}

async function callMe(call: IncomingCall, { clock, callBack }: ServiceContext): Promise<void> {
  call.ring();
  await call.answer((endpoint) => {
    endpoint.echo();
  });
  if (call.isOver()) return;
  clock.after(CALLME_TALK_MS, () => {
    call.hangUp();
    clock.after(CALLME_PAUSE_MS, callBack);
  });
}
