import { setTimeout as sleep } from 'node:timers/promises';
import type { Call, CallPhase } from '../../../client/src/app/call.ts';
import type { NodePhone } from '../../support/node-phone/node-phone.ts';
import type { CallScript, Feature } from './script.ts';
import { done, TOLD, WORDS } from './sipp/far-scenario.ts';
import { type FarCall, KEYS, type SippPhone } from './sipp/sipp-phone.ts';

/** A user of the SDK and a phone of IMS, who call nobody but each other. */
export interface Pair {
  readonly near: NodePhone;
  readonly far: SippPhone;
}

interface Scene {
  readonly near: NodePhone;
  /** The URI of the phone of IMS. */
  readonly impu: string;
  readonly far: FarCall;
}

const WAIT_MS = 15_000;
const LOOK_MS = 20;
const AWAY_MS = 400;
const HELD_MS = 500;

/** Plays one call to its end; resolves with its id, rejects where it went another way. */
export async function play({ near, far: phone }: Pair, script: CallScript): Promise<string> {
  const far = await phone.plays(script, impuOf(near));
  const scene = { near, impu: phone.impu, far };
  try {
    const call = await (script.direction === 'outgoing' ? outgoing : incoming)(scene, script);
    await until('the call has ended', () => call.phase === 'ended');
    await far.isDone();
    return call.id;
  } catch (error) {
    const why = error instanceof Error ? error.message : 'failed';
    throw new Error(why.includes('sipp') ? why : `${why}; ${await far.account()}`);
  } finally {
    await far.end();
  }
}

async function outgoing(scene: Scene, script: CallScript): Promise<Call> {
  const { near, far, impu } = scene;
  const call = near.phone.call(impu);
  await far.isCalled();
  if (script.outcome === 'cancelled') {
    await far.tells(TOLD.ringing);
    await sleep(script.ringMs);
    call.hangUp();
  } else if (script.outcome === 'talk') {
    await far.tells(TOLD.talking);
    await converse(scene, call, script);
  }
  return call;
}

async function incoming(scene: Scene, script: CallScript): Promise<Call> {
  const { near, far } = scene;
  const rung = near.rung();
  await far.calls();
  const call = await within('it rings', rung);
  await far.tells(TOLD.ringing);
  if (script.outcome === 'cancelled') return call;
  await sleep(script.ringMs);
  if (script.outcome === 'declined') {
    call.decline();
  } else {
    call.accept();
    await far.tells(TOLD.talking);
    await converse(scene, call, script);
  }
  return call;
}

async function converse(scene: Scene, call: Call, script: CallScript): Promise<void> {
  await reaches(call, 'active');
  const { last } = scene.near.peers;
  // The phone of IMS says what it hears.
  await until(
    () =>
      `heard back: ${String(last.heard.length)} of ${String(last.sent)}, ${last.state}, call ${call.id} ${call.phase} ${call.end?.cause ?? ''}`,
    () => last.heard.length > 0,
  );
  const endsMs = performance.now() + script.talkMs;
  for (const feature of script.features) await FEATURE[feature](scene, call);
  await sleep(Math.max(0, endsMs - performance.now()));
  await ENDING[script.ending](scene, call);
}

const ENDING: Readonly<
  Record<CallScript['ending'], (scene: Scene, call: Call) => Promise<void> | void>
> = {
  near(_, call) {
    call.hangUp();
  },
  far: ({ far }) => far.goesOn(),
  'handed on'(_, call) {
    call.transfer('echo');
  },
};

const FEATURE: Readonly<Record<Feature, (scene: Scene, call: Call) => Promise<void>>> = {
  async update({ far }) {
    await far.goesOn();
    await far.tells(done('update'));
  },
  async 'held by IMS'({ far }) {
    await far.goesOn();
    await far.tells(done('held by IMS'));
  },
  async 'held by the SDK'({ far }, call) {
    call.hold();
    await far.tells(TOLD.held);
    await until('it is held', () => call.held.byUs);
    await sleep(HELD_MS);
    call.resume();
    await far.tells(done('held by the SDK'));
    await until('it is resumed', () => !call.held.byUs);
  },
  'keys of IMS': ({ far }, call) => hears(call, () => far.goesOn()),
  async 'keys of the SDK'(_, call) {
    // Who has just been resumed presses no key at once, and the gate opens behind the answer.
    await sleep(HELD_MS);
    await hears(call, () => {
      if (!call.sendDtmf(KEYS)) throw new Error('there are no keys to press');
    });
  },
  async messages({ near, far, impu }) {
    await near.phone.sendMessage(impu, WORDS);
    await far.tells(TOLD.written);
    let words = '';
    const stop = near.phone.on('message', ({ text }) => {
      words = text;
    });
    await far.goesOn();
    await far.tells(done('messages'));
    await until('the words come', () => words === WORDS);
    stop();
  },
  async 'socket lost'({ near }) {
    near.network.goAway();
    await sleep(AWAY_MS);
    near.network.comeBack();
    await until('the session is resumed', () => near.phone.connection === 'online');
  },
};

/** The keys come from the phone of IMS: pressed there, or pressed here and said back by it. */
async function hears(call: Call, press: () => Promise<void> | void): Promise<void> {
  let heard = '';
  const stop = call.on('digit', ({ digit }) => {
    heard += digit;
  });
  await press();
  await until(
    () => `the keys: ${heard}`,
    () => heard === KEYS,
  );
  stop();
}

const impuOf = ({ phone }: NodePhone): string => phone.registration.impu ?? '';

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
