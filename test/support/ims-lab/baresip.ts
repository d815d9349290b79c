import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BaresipCodec, PHONE_HOST, writeBaresipFiles } from './baresip-files.ts';
import { startChild } from './child.ts';
import { type BaresipEvent, NothingListens, openCtrlTcp } from './ctrl-tcp.ts';
import { findFreePort } from './free-port.ts';
import type { ImsLab } from './ims-lab.ts';
import { requireTools } from './required-tools.ts';

export interface BaresipOptions {
  readonly user: string;
  readonly password: string;
  readonly codecs?: readonly BaresipCodec[];
  readonly answer?: 'auto' | 'manual';
  readonly transport?: 'udp' | 'tcp';
  /** What the phone says all the time. */
  readonly toneHz?: number;
  /** A WAV file, 48 kHz in stereo, that it says instead. */
  readonly sound?: string;
  /** What it protects media by, and talks to nobody without. */
  readonly encryption?: 'dtls_srtp' | 'dtls_srtpf';
}

export interface RtpCounts {
  readonly sent: number;
  readonly received: number;
}

export interface Baresip {
  readonly pid: number;
  dial(uri: string): void;
  accept(): void;
  hangUp(): void;
  /** Hands the other side on (REFER). */
  transfer(uri: string): void;
  hold(): void;
  resume(): void;
  /** Waits for the next event of a type, e.g. `CALL_ESTABLISHED`, `CALL_CLOSED`. */
  waitFor(type: string, timeoutMs?: number): Promise<BaresipEvent>;
  skipEvents(): void;
  events(): readonly BaresipEvent[];
  /** Every SIP message sent and received, among the phone's other output. */
  trace(): string;
  /** Values of a header in the messages of one start line, e.g. `INVITE`, in order. */
  headersSeen(startLine: string, header: string): readonly string[];
  /** RTP packets of the latest call that was answered, once it has ended. */
  rtpOfLastCall(): Promise<RtpCounts>;
  /** WAV files of what was heard (`-dec.wav`) and said (`-enc.wav`), whole after a call. */
  recordings(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

const ALL_CODECS: readonly BaresipCodec[] = ['AMR-WB', 'AMR', 'opus', 'G722', 'PCMA', 'PCMU'];
const REGISTER_TIMEOUT_MS = 10_000;
const EVENT_TIMEOUT_MS = 10_000;
const STATISTICS_TIMEOUT_MS = 3_000;
const LIFETIME_S = 600;
const STARTS = 3;

/** Terminal colours would stand between a header's name and its value. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is removed
const COLOURS = /\u001b\[[0-9;]*m/g;

function headersIn(trace: string, startLine: string, header: string): readonly string[] {
  const name = `${header.toLowerCase()}:`;
  return trace
    .split(/\r?\n\r?\n/)
    .filter((block) => block.split(/\r?\n/).some((line) => line.startsWith(`${startLine} `)))
    .flatMap((block) => block.split(/\r?\n/))
    .filter((line) => line.toLowerCase().startsWith(name))
    .map((line) => line.slice(name.length).trim());
}

/** The table baresip prints at the end of each call: packets sent, packets received. */
const rtpIn = (output: string): readonly RtpCounts[] =>
  [...output.matchAll(/packets:\s+(\d+)\s+(\d+)/g)].map(([, sent, received]) => ({
    sent: Number(sent),
    received: Number(received),
  }));

/** The table comes a moment after the event of the call's end. */
async function rtpOfCall(number: number, output: () => string): Promise<RtpCounts> {
  const deadlineMs = Date.now() + STATISTICS_TIMEOUT_MS;
  for (;;) {
    const counts = rtpIn(output())[number - 1];
    if (counts) return counts;
    if (Date.now() > deadlineMs) throw new Error('baresip printed no packet counts');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Starts a phone without a sound card; registered on return. */
export async function startBaresip(lab: ImsLab, options: BaresipOptions): Promise<Baresip> {
  requireTools(['baresip', 'setpriv']);
  for (let left = STARTS; ; left -= 1) {
    try {
      return await startOnce(lab, options);
    } catch (error) {
      // Somebody else may have got one of its ports before it did.
      if (!(error instanceof NothingListens) || left === 1) throw error;
    }
  }
}

async function startOnce(lab: ImsLab, options: BaresipOptions): Promise<Baresip> {
  const dir = await mkdtemp(join(tmpdir(), 'ims-baresip-'));
  const [sipPort, ctrlPort, rtpPort] = await Promise.all([
    findFreePort(PHONE_HOST),
    findFreePort(PHONE_HOST),
    findFreePort(PHONE_HOST),
  ]);
  await writeBaresipFiles(dir, {
    codecs: ALL_CODECS,
    answer: 'auto',
    transport: 'udp',
    toneHz: 440,
    ...options,
    lab,
    sipPort,
    ctrlPort,
    rtpPort,
  });
  const child = await startChild({
    command: 'baresip',
    args: ['-f', dir, '-s', '-v', '-t', String(LIFETIME_S)],
    cwd: dir,
  });
  const stop = async (): Promise<void> => {
    await child.stop();
    await rm(dir, { recursive: true, force: true });
  };
  const trace = (): string => child.output().replace(COLOURS, '');
  try {
    const ctrl = await openCtrlTcp(PHONE_HOST, ctrlPort);
    await waitUntilRegistered(trace);
    return {
      pid: child.pid,
      dial: (uri) => {
        ctrl.send('dial', uri);
      },
      accept: () => {
        ctrl.send('accept');
      },
      transfer: (uri) => {
        ctrl.send('transfer', uri);
      },
      hangUp: () => {
        ctrl.send('hangup');
      },
      hold: () => {
        ctrl.send('hold');
      },
      resume: () => {
        ctrl.send('resume');
      },
      waitFor: (type, timeoutMs = EVENT_TIMEOUT_MS) => ctrl.waitFor(type, timeoutMs),
      skipEvents: () => {
        ctrl.skipEvents();
      },
      events: () => ctrl.events(),
      trace,
      headersSeen: (startLine, header) => headersIn(trace(), startLine, header),
      rtpOfLastCall: () =>
        rtpOfCall(ctrl.events().filter(({ type }) => type === 'CALL_ESTABLISHED').length, trace),
      recordings: async () =>
        (await readdir(dir)).filter((name) => name.endsWith('.wav')).map((name) => join(dir, name)),
      async stop() {
        ctrl.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    if (error instanceof NothingListens) error.message += `:\n${trace()}`;
    throw error;
  }
}

async function waitUntilRegistered(output: () => string): Promise<void> {
  const deadlineMs = Date.now() + REGISTER_TIMEOUT_MS;
  // The first registration may be over before the control connection stands, so that its
  // event is missed: the printed line is what counts.
  while (!/\[1 binding\]/.test(output())) {
    if (Date.now() > deadlineMs) throw new Error(`baresip did not register:\n${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
