import { setTimeout as sleep } from 'node:timers/promises';
import type { Call, CallPhase } from '../../../client/src/app/call.ts';
import type { NodePhone } from '../../support/node-phone/node-phone.ts';
import type { ScriptedPhone } from '../../support/scripted-phone.ts';
import type { CallScript, Feature } from './script.ts';

/** A user of the SDK and a phone of IMS, who call nobody but each other. */
export interface Pair {
  readonly near: NodePhone;
  readonly far: ScriptedPhone;
}

const WAIT_MS = 15_000;
const LOOK_MS = 20;
const AWAY_MS = 400;
const HELD_MS = 500;
const KEYS = '15#';
const KEY_MS = 200;
const WORDS = 'on my way';
const SESSION_TIMER = ['Require: timer', 'Session-Expires: 90;refresher=uac'];

const REFUSALS = {
  busy: '486 Busy Here',
  declined: '603 Decline',
  unavailable: '480 Temporarily Unavailable',
} as const;

/** Plays one call to its end; resolves with its id, rejects where it went another way. */
export async function play(pair: Pair, script: CallScript): Promise<string> {
  pair.far.speak(script.codec);
  const call =
    script.direction === 'outgoing' ? await outgoing(pair, script) : await incoming(pair, script);
  await until('the call has ended', () => call.phase === 'ended');
  return call.id;
}

async function outgoing({ near, far }: Pair, script: CallScript): Promise<Call> {
  const called = far.called();
  const call = near.phone.call(far.impu);
  await called;
  await progress(far, script);
  await sleep(script.ringMs);
  if (script.outcome === 'cancelled') {
    call.hangUp();
    await far.grants('CANCEL');
    await far.takes('ACK');
  } else if (script.outcome === 'talk') {
    const headers = script.sessionTimer ? SESSION_TIMER : [];
    far.answers('200 OK', { media: true, headers });
    await far.takes('ACK');
    await converse({ near, far }, call, script);
  } else {
    far.answers(REFUSALS[script.outcome]);
    await far.takes('ACK');
  }
  return call;
}

async function progress(far: ScriptedPhone, { earlyMedia, reliable }: CallScript): Promise<void> {
  const media = earlyMedia ? ({ media: true } as const) : {};
  if (reliable) {
    await far.answersReliably('183 Session Progress', { rseq: 1, ...media });
    await far.answersReliably('180 Ringing', { rseq: 2 });
    return;
  }
  if (earlyMedia) far.answers('183 Session Progress', media);
  far.answers('180 Ringing');
}

async function incoming({ near, far }: Pair, script: CallScript): Promise<Call> {
  const rung = near.rung();
  far.calls(near.phone.registration.impu ?? '', script.offerless ? 'none' : 'offer');
  const call = await within('it rings', rung);
  await far.isAnswered(180);
  await sleep(script.ringMs);
  if (script.outcome === 'cancelled') {
    far.cancels();
    far.refused(await far.isAnswered(487));
  } else if (script.outcome === 'declined') {
    call.decline();
    far.refused(await far.isAnswered(603));
  } else {
    call.accept();
    far.acknowledges(await far.isAnswered(200), script.offerless ? 'answer' : 'none');
    await converse({ near, far }, call, script);
  }
  return call;
}

async function converse(pair: Pair, call: Call, script: CallScript): Promise<void> {
  const { near, far } = pair;
  await reaches(call, 'active');
  const { last } = near.peers;
  await until(
    () =>
      `both heard: ${String(last.heard.length)} here, ${String(far.heard.length)} there, ${last.state}, sent ${String(last.sent)}, call ${call.id} ${call.phase} ${call.end?.cause ?? ''}`,
    () => far.heard.length > 0 && last.heard.length > 0,
  );
  const endsMs = performance.now() + script.talkMs;
  for (const feature of script.features) await FEATURE[feature](pair, call);
  await sleep(Math.max(0, endsMs - performance.now()));
  await ENDING[script.ending](pair, call);
}

type Scene = (pair: Pair, call: Call) => Promise<void>;

const ENDING: Readonly<Record<CallScript['ending'], Scene>> = {
  async near({ far }, call) {
    call.hangUp();
    await far.grants('BYE');
  },
  async far({ far }) {
    const { status } = await far.within('BYE');
    if (status !== 200) throw new Error(`BYE got ${String(status)}`);
  },
  async 'handed on'({ far }, call) {
    call.transfer('echo');
    await far.isHandedOn();
  },
};

const FEATURE: Readonly<Record<Feature, Scene>> = {
  async update({ far }) {
    const { status } = await far.within('UPDATE');
    if (status !== 200) throw new Error(`UPDATE got ${String(status)}`);
  },
  async 'held by IMS'({ far }) {
    await isAccepted(far, 'sendonly');
    await sleep(HELD_MS);
    await isAccepted(far, 'sendrecv');
  },
  async 'held by the SDK'({ far }, call) {
    call.hold();
    await far.grants('INVITE');
    await far.takes('ACK');
    await until('it is held', () => call.held.byUs);
    await sleep(HELD_MS);
    call.resume();
    await far.grants('INVITE');
    await far.takes('ACK');
    await until('it is resumed', () => !call.held.byUs);
  },
  async 'keys of IMS'({ far }, call) {
    let heard = '';
    const stop = call.on('digit', ({ digit }) => {
      heard += digit;
    });
    for (const key of KEYS) {
      far.presses(key);
      await sleep(KEY_MS);
    }
    await until(
      () => `the keys: ${heard}`,
      () => heard === KEYS,
    );
    stop();
  },
  async 'keys of the SDK'({ far }, call) {
    // Who has just been resumed presses no key at once, and the gate opens behind the answer.
    await sleep(HELD_MS);
    if (!call.sendDtmf(KEYS)) throw new Error('there are no keys to press');
    await until(
      () => `the keys of the SDK: ${far.keys}`,
      () => far.keys === KEYS,
    );
  },
  async messages({ near, far }) {
    const taken = far.isWrittenTo();
    // Where it cannot be sent, that is what failed.
    taken.catch(() => undefined);
    await near.phone.sendMessage(far.impu, WORDS);
    if ((await taken) !== WORDS) throw new Error('other words came');
    const { status } = await far.writes(near.phone.registration.impu ?? '', WORDS);
    if (status !== 200) throw new Error(`MESSAGE got ${String(status)}`);
  },
  async 'socket lost'({ near }) {
    near.network.goAway();
    await sleep(AWAY_MS);
    near.network.comeBack();
    await until('the session is resumed', () => near.phone.connection === 'online');
  },
};

async function isAccepted(far: ScriptedPhone, direction: 'sendonly' | 'sendrecv'): Promise<void> {
  const { status } = await far.offers(direction);
  if (status !== 200) throw new Error(`re-INVITE got ${String(status)}`);
}

const reaches = (call: Call, phase: CallPhase): Promise<void> =>
  until(`the call is ${phase}`, () => call.phase === phase);

async function until(what: string | (() => string), holds: () => boolean): Promise<void> {
  const endsMs = performance.now() + WAIT_MS;
  while (!holds()) {
    if (performance.now() > endsMs) {
      throw new Error(`never ${typeof what === 'string' ? what : what()}`);
    }
    await sleep(LOOK_MS);
  }
}

async function within<T>(what: string, wanted: Promise<T>): Promise<T> {
  const late = sleep(WAIT_MS, undefined, { ref: false }).then(() => {
    throw new Error(`never: ${what}`);
  });
  return Promise.race([wanted, late]);
}
