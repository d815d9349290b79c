import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { impu } from '@isthmus/shared/domain/ids';
import type { CallMedia } from '../../../media-node/src/ports/call-media.ts';
import type { SipAccount } from '../../../media-node/src/ports/sip-accounts.ts';
import type { SipLeg, SipLegEvent } from '../../../media-node/src/ports/sip-leg.ts';
import type { IwfError } from '../../../shared/src/errors/iwf-error.ts';
import type { Result } from '../../../shared/src/result.ts';
import { type Baresip, startBaresip } from '../../support/ims-lab/baresip.ts';
import type { BaresipCodec } from '../../support/ims-lab/baresip-files.ts';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { subscriber } from '../../support/ims-lab/subscriber-book.ts';
import { type Bench, createBench, Heard } from '../../support/sip-account-bench.ts';
import {
  figuresOf,
  type JudgedWay,
  judgeCall,
  marginOf,
  type RecordedCall,
  type Side,
} from '../../support/speech/judged-call.ts';
import { GOOD_LAG_MS } from '../../support/speech/lag.ts';
import { GOOD_SPEECH, type SpeechScore } from '../../support/speech/score.ts';
import { scoreApart } from '../../support/speech/score-apart.ts';
import {
  pauseless,
  repeated,
  samplesFrom,
  spoken,
  VOICES,
  type Voice,
  writeWav,
} from '../../support/speech/voices.ts';
import { until } from '../../support/until.ts';
import { aMediaNode, labOptions, type MediaNode } from '../media/a-media-node.ts';
import { ChromiumPhone } from '../media/chromium.ts';

const ALICE = 'sip:alice@ims.test';
const OPEN = { toIms: true, toBrowser: true };
/** The first second after set-up is left out: a browser's own jitter buffer begins there. */
const SETTLING_S = 1;
const HEARD_S = 5;
/** Two sentences: each of a side's voices has a third of it at least. */
const BOTH_VOICES_S = 10;
/** Chromium's microphone is a file that is read over and over; baresip reads its file once. */
const ROUNDS_OF_PHONE = 5;

const WIDE: readonly BaresipCodec[] = ['AMR-WB', 'G722', 'opus'];
const rateFor = (codec: BaresipCodec): number => (WIDE.includes(codec) ? 16_000 : 8000);
const PHONES = Array.from({ length: 10 }, (_, at) => `phone${String(at)}`);

/** English by the browser, German by the phone, a man and a woman each: nobody is taken for oneself. */
const SAID_BY = { browser: VOICES.slice(0, 2), phone: VOICES.slice(2) };
/** Wrong sound is at least as far below what is good. */
const MARGIN = 0.05;

const sentenceOf = (voice: Voice, rateHz: number): Int16Array =>
  pauseless(spoken(voice, rateHz), rateHz);
const textOf = (side: Side, rateHz: number): Int16Array =>
  Int16Array.from(SAID_BY[side].flatMap((voice) => [...sentenceOf(voice, rateHz)]));

function taken<T>(result: Result<T, IwfError>): T {
  if (!result.ok) throw result.error;
  return result.value;
}

/** Calls by one side: a file for each, as nobody shares a core or a browser with the other's. */
export function describeSpeech(by: Side): void {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-speech-'));
  const sounds = { browser: join(folder, 'browser.wav'), phone: join(folder, 'phone.wav') };
  const figures: string[] = [];
  let lab: ImsLab;
  let node: MediaNode;
  let chromium: ChromiumPhone;
  let bench: Bench;
  let account: SipAccount;
  let heard: ReturnType<Bench['open']>['heard'];
  let phone: Baresip;
  let user = '';
  let media: CallMedia;
  const free = [...PHONES];

  beforeAll(async () => {
    writeWav(sounds.browser, textOf('browser', 16_000), 16_000);
    writeWav(sounds.phone, repeated(textOf('phone', 16_000), ROUNDS_OF_PHONE), 16_000);
    [lab, node, chromium] = await Promise.all([
      startImsLab({
        subscribers: ['alice', ...PHONES].map((it) => subscriber(it)),
      }),
      aMediaNode(labOptions, 'native'),
      ChromiumPhone.open({ sound: sounds.browser }),
    ]);
    bench = createBench();
    ({ account, heard } = bench.open({
      access: { transport: 'tcp', pcscf: [lab.pcscf] },
      password: 'pw-alice',
    }));
    account.register();
    await heard.heard('registered');
  });
  afterAll(async () => {
    process.stdout.write(`${figures.join('\n')}\n`);
    await chromium.close();
    await account.deregister();
    await bench.accounts.close();
    await Promise.all([node.close(), lab.stop()]);
    rmSync(folder, { recursive: true });
  });
  afterEach(release);

  async function release(): Promise<void> {
    await Promise.all([media.close(), chromium.hangUp(), phone.stop()]);
  }

  /** A call under a codec alone, and the browser's leg of it. */
  async function aCall(codec: BaresipCodec, asOpus: boolean): Promise<() => boolean> {
    // A phone of its own for each call: one that is ended leaves its contact behind.
    user = free.pop() ?? '';
    const options = { user, password: `pw-${user}`, codecs: [codec], sound: sounds.phone };
    [phone] = await Promise.all([startBaresip(lab, options), chromium.connect({ asOpus })]);
    let isConnected = false;
    media = node.media.create({ callId: 'call-0001', codecs: [codec] }, (event) => {
      if (event.kind === 'access-connected') isConnected = true;
    });
    return () => isConnected;
  }

  async function browserCalls(codec: BaresipCodec): Promise<SipLeg> {
    const isConnected = await aCall(codec, true);
    const offered = taken(await media.takeBrowserOffer(await chromium.offer()));
    await chromium.takeAnswer(offered.accessAnswer);
    media.addCandidates(await chromium.candidates());
    const legHeard = new Heard<SipLegEvent>();
    const target = { identity: impu(ALICE), target: `sip:${user}@ims.test`, sdp: offered.imsOffer };
    const leg = account.invite(target, legHeard.hear);
    const { sdp } = await legHeard.heard('sip-answered');
    const { reoffer } = taken(media.takeImsAnswer(sdp));
    if (reoffer) taken(media.takeBrowserAnswer(await chromium.answer(reoffer)));
    media.setGate(OPEN);
    await until(isConnected);
    return leg;
  }

  async function phoneCalls(codec: BaresipCodec): Promise<SipLeg> {
    const isConnected = await aCall(codec, false);
    const incoming = heard.next('incoming');
    phone.dial(ALICE);
    const { invite } = await incoming;
    const leg = invite.listen(() => undefined);
    const { accessOffer } = taken(await media.takeImsOffer(invite.sdp));
    taken(media.takeBrowserAnswer(await chromium.answer(accessOffer)));
    media.addCandidates(await chromium.candidates());
    leg.answer(taken(media.imsAnswer()));
    media.setGate(OPEN);
    await until(isConnected);
    return leg;
  }

  const callBy = { browser: browserCalls, phone: phoneCalls } as const;

  /** The latest of its files, from mouth or ear. */
  async function recordedByPhone(what: 'enc' | 'dec', rateHz: number): Promise<Int16Array> {
    const files = (await phone.recordings()).filter((name) => name.endsWith(`-${what}.wav`));
    return samplesFrom(files.sort().at(-1) ?? '', rateHz);
  }

  /** What each side says and hears in the last seconds of a call. */
  async function recorded(codec: BaresipCodec, heardS: number): Promise<RecordedCall> {
    const rateHz = rateFor(codec);
    const leg = await callBy[by](codec);
    await chromium.hear(25);
    const browser = await chromium.record(SETTLING_S + heardS);
    const closed = phone.waitFor('CALL_CLOSED');
    leg.bye();
    await closed;
    const last = (pcm: Int16Array): Int16Array => pcm.subarray(-heardS * rateHz);
    const atRate = (pcm: Int16Array): Int16Array =>
      last(rateHz === 16_000 ? pcm : samplesFrom(bytesOf(pcm), rateHz, RAW));
    return {
      ...{ codec, rateHz },
      texts: { browser: textOf('browser', rateHz), phone: textOf('phone', rateHz) },
      said: { browser: atRate(browser.said), phone: last(await recordedByPhone('enc', rateHz)) },
      heard: { browser: atRate(browser.heard), phone: last(await recordedByPhone('dec', rateHz)) },
    };
  }

  async function judged(codec: BaresipCodec, heardS: number): Promise<JudgedCall> {
    const call = await recorded(codec, heardS);
    const { ways, lagMs } = judgeCall(call);
    const voices = heardS === BOTH_VOICES_S ? eachVoiceIn(call) : [];
    figures.push(`${codec}, called by the ${by}: ${lagMs.toFixed(0)} ms there and back`);
    figures.push(...ways.map(figuresOf));
    return { ways, lagMs, scores: [...ways.map((it) => it.score), ...voices] };
  }

  /** Good both ways and in time; and by the same bars, what would be wrong is wrong. */
  function expectUnderstood({ ways, lagMs, scores }: JudgedCall): void {
    for (const { stoi, distanceDb } of scores) {
      expect(stoi).toBeGreaterThanOrEqual(GOOD_SPEECH.stoi);
      expect(distanceDb).toBeLessThanOrEqual(GOOD_SPEECH.distanceDb);
    }
    for (const { score, wrong } of ways) {
      expect(score.wanderMs).toBeLessThanOrEqual(GOOD_SPEECH.wanderMs);
      for (const it of Object.values(wrong)) expect(marginOf(it)).toBeGreaterThan(MARGIN);
    }
    expect(lagMs).toBeGreaterThan(0);
    expect(lagMs).toBeLessThanOrEqual(GOOD_LAG_MS);
  }

  it.each(['AMR', 'G722', 'PCMA', 'opus'] as const)(
    'is understood both ways and in time in %s',
    async (codec) => {
      expectUnderstood(await judged(codec, HEARD_S));
      expect(media.codecs().ims).toBe(codec);
    },
  );

  it('in AMR-WB is that of each of four voices, and in time', async () => {
    const call = await judged('AMR-WB', BOTH_VOICES_S);

    expectUnderstood(call);
    expect(call.scores).toHaveLength(2 + VOICES.length);
    for (const { wrong } of call.ways) {
      // In so many seconds nothing fits steadily by chance.
      const steadiest = Math.min(wrong.noise.wanderMs, wrong['other speech'].wanderMs);
      expect(steadiest).toBeGreaterThan(GOOD_SPEECH.wanderMs);
    }
  });
}

interface JudgedCall {
  readonly ways: readonly JudgedWay[];
  readonly lagMs: number;
  /** Of both ways, and of each voice where there was time for all. */
  readonly scores: readonly SpeechScore[];
}

function eachVoiceIn({ rateHz, heard }: RecordedCall): readonly SpeechScore[] {
  const against = (voices: readonly Voice[], sound: Int16Array) =>
    voices.map((voice) => ({
      ...{ said: sentenceOf(voice, rateHz), heard: sound, rateHz },
      ownShare: 1 / voices.length,
    }));
  return scoreApart([
    ...against(SAID_BY.browser, heard.phone),
    ...against(SAID_BY.phone, heard.browser),
  ]);
}

const RAW = ['-f', 's16le', '-ar', '16000', '-ac', '1'];
const bytesOf = (pcm: Int16Array): Uint8Array =>
  new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
