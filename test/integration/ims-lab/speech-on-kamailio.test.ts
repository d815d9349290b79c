import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { impu } from '@isthmus/shared/domain/ids';
import type { CallMedia } from '../../../media-node/src/ports/call-media.ts';
import type { SipAccount } from '../../../media-node/src/ports/sip-accounts.ts';
import type { SipLegEvent } from '../../../media-node/src/ports/sip-leg.ts';
import type { IwfError } from '../../../shared/src/errors/iwf-error.ts';
import type { Result } from '../../../shared/src/result.ts';
import { type Baresip, startBaresip } from '../../support/ims-lab/baresip.ts';
import type { BaresipCodec } from '../../support/ims-lab/baresip-files.ts';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { subscriber } from '../../support/ims-lab/subscriber-book.ts';
import { type Bench, createBench, Heard } from '../../support/sip-account-bench.ts';
import { GOOD_SPEECH, type SpeechScore } from '../../support/speech/score.ts';
import { scoreApart } from '../../support/speech/score-apart.ts';
import {
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
const NARROW: readonly BaresipCodec[] = ['AMR', 'PCMA', 'PCMU'];

const PHONES = Array.from({ length: 12 }, (_, at) => `phone${String(at)}`);

/** English by the browser, German by the phone, a man and a woman each: nobody is taken for oneself. */
const SAID_BY = { browser: VOICES.slice(0, 2), phone: VOICES.slice(2) };
/** Other speech scores at least as much worse. */
const MARGIN = 0.1;

const allOf = (voices: readonly Voice[], rateHz: number): Int16Array =>
  Int16Array.from(voices.flatMap((voice) => [...spoken(voice, rateHz)]));

function taken<T>(result: Result<T, IwfError>): T {
  if (!result.ok) throw result.error;
  return result.value;
}

const rateFor = (codec: BaresipCodec): number => (NARROW.includes(codec) ? 8000 : 16_000);

/** The last of what was heard. */
const settled = (pcm: Int16Array, rateHz: number, heardS: number): Int16Array =>
  pcm.subarray(-heardS * rateHz);

describe('MED-8: speech between a Chromium on Opus and a phone behind a real core', () => {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-speech-'));
  const sounds = { browser: join(folder, 'browser.wav'), phone: join(folder, 'phone.wav') };
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
    writeWav(sounds.browser, allOf(SAID_BY.browser, 16_000), 16_000);
    const said = repeated(allOf(SAID_BY.phone, 16_000), ROUNDS_OF_PHONE);
    writeWav(sounds.phone, said, 16_000);
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
    await chromium.close();
    await account.deregister();
    await bench.accounts.close();
    await Promise.all([node.close(), lab.stop()]);
    rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    await Promise.all([media.close(), chromium.hangUp(), phone.stop()]);
  });

  /** A call under a codec alone, and the browser's leg of it. */
  async function aCall(codec: BaresipCodec, asOpus: boolean): Promise<() => boolean> {
    // A phone of its own for each call: one that is ended leaves its contact behind.
    user = free.pop() ?? '';
    phone = await startBaresip(lab, {
      ...{ user, password: `pw-${user}`, codecs: [codec], sound: sounds.phone },
    });
    let isConnected = false;
    media = node.media.create({ callId: 'call-0001', codecs: [codec] }, (event) => {
      if (event.kind === 'access-connected') isConnected = true;
    });
    await chromium.connect({ asOpus });
    return () => isConnected;
  }

  async function browserCalls(codec: BaresipCodec): Promise<() => void> {
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
    return () => {
      leg.bye();
    };
  }

  async function phoneCalls(codec: BaresipCodec): Promise<() => void> {
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
    return () => {
      leg.bye();
    };
  }

  async function heardByPhone(rateHz: number): Promise<Int16Array> {
    const recordings = (await phone.recordings()).filter((name) => name.endsWith('-dec.wav'));
    return samplesFrom(recordings.sort().at(-1) ?? '', rateHz);
  }

  /** What each side hears, of the last seconds of a call. */
  async function heardInCall(codec: BaresipCodec, hangUp: () => void, heardS: number) {
    const rateHz = rateFor(codec);
    await chromium.hear(25);
    const atBrowser = await chromium.record(SETTLING_S + heardS);
    const closed = phone.waitFor('CALL_CLOSED');
    hangUp();
    await closed;
    return {
      phone: settled(await heardByPhone(rateHz), rateHz, heardS),
      browser: settled(samplesFrom(bytesOf(atBrowser), rateHz, RAW), rateHz, heardS),
    };
  }

  it.each([
    ['AMR', 'browser', browserCalls],
    ['AMR', 'phone', phoneCalls],
    ['G722', 'browser', browserCalls],
    ['G722', 'phone', phoneCalls],
    ['PCMA', 'browser', browserCalls],
    ['PCMA', 'phone', phoneCalls],
    ['opus', 'browser', browserCalls],
    ['opus', 'phone', phoneCalls],
  ] as const)('is understood both ways in %s where the %s calls', async (codec, _who, callUp) => {
    const rateHz = rateFor(codec);
    const heard = await heardInCall(codec, await callUp(codec), HEARD_S);

    const scores = scoreApart([
      { said: repeated(allOf(SAID_BY.browser, rateHz), 2), heard: heard.phone, rateHz },
      { said: repeated(allOf(SAID_BY.phone, rateHz), 2), heard: heard.browser, rateHz },
    ]);

    for (const score of scores) expectGood(score);
    expect(media.codecs().ims).toBe(codec);
  });

  it.each([
    ['browser', browserCalls],
    ['phone', phoneCalls],
  ] as const)(
    'in AMR-WB is that of each of four voices, where the %s calls',
    async (_who, callUp) => {
      const rateHz = rateFor('AMR-WB');
      const heard = await heardInCall('AMR-WB', await callUp('AMR-WB'), BOTH_VOICES_S);
      const against = (voices: readonly Voice[], by: 'browser' | 'phone') =>
        voices.map((voice) => ({
          said: repeated(spoken(voice, rateHz), 2),
          heard: by === 'browser' ? heard.phone : heard.browser,
          rateHz,
        }));

      const scores = scoreApart([
        ...against(SAID_BY.browser, 'browser'),
        ...against(SAID_BY.phone, 'phone'),
        ...against(SAID_BY.phone, 'browser'),
      ]);

      const [own, others] = [scores.slice(0, 4), scores.slice(4)];
      for (const score of own) expectGood(score);
      const worst = Math.min(...own.map((it) => it.stoi));
      expect(Math.max(...others.map((it) => it.stoi))).toBeLessThan(worst - MARGIN);
    },
  );
});

function expectGood({ stoi, distanceDb }: SpeechScore): void {
  expect(stoi).toBeGreaterThanOrEqual(GOOD_SPEECH.stoi);
  expect(distanceDb).toBeLessThanOrEqual(GOOD_SPEECH.distanceDb);
}

const RAW = ['-f', 's16le', '-ar', '16000', '-ac', '1'];
const bytesOf = (pcm: Int16Array): Uint8Array =>
  new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
