import type { CallScript, Feature } from '../script.ts';
import { answered, type Carried, FarDialog, type FarLine, message } from './far-dialog.ts';
import {
  awaited,
  CUE,
  type Expected,
  jumped,
  label,
  paused,
  played,
  scenarioOf,
  sent,
  told,
} from './steps.ts';

/** The file of the keys that are pressed, beside the scenario. */
export const KEYS_FILE = 'keys.pcap';
export const WORDS = 'on my way';
/** What a scenario tells when it is there. */
export const TOLD = {
  called: 'called',
  ringing: 'ringing',
  talking: 'talking',
  held: 'held by the SDK',
  written: 'written to',
  registered: 'registered',
} as const;
export const done = (feature: Feature): string => `done: ${feature}`;

const HELD_MS = 500;
const SESSION_TIMER = ['Require: timer', 'Session-Expires: 90;refresher=uac'];
const REFUSALS = {
  busy: '486 Busy Here',
  declined: '603 Decline',
  unavailable: '480 Temporarily Unavailable',
} as const;
const [WRITTEN_TO, OVER] = ['written', 'over'];

const isWrittenTo = ({ outcome, features }: CallScript): boolean =>
  outcome === 'talk' && features.includes('messages');

/** Calls in the sense of sipp, to which a message that comes is one too. */
export const callsIn = (script: CallScript): number => (isWrittenTo(script) ? 2 : 1);

/** What the phone of IMS does in such a call, for sipp. */
export function callScenario(line: FarLine, script: CallScript): string {
  const dialog = new FarDialog(line, script.codec);
  if (isWrittenTo(script)) dialog.add(awaited('MESSAGE', taken));
  if (script.direction === 'outgoing') isCalled(dialog, script);
  else calls(dialog, script, line.pcscf);
  if (isWrittenTo(script)) {
    dialog.add(jumped(OVER), label(WRITTEN_TO));
    dialog.add(sent(answered('200 OK', { tag: ';tag=far[pid]x[call_number]' }), 'once'));
    dialog.add(told(TOLD.written), label(OVER));
  }
  return scenarioOf('a phone of IMS in one call of a soak', dialog.steps);
}

const taken: Expected = {
  isOptional: true,
  goesTo: WRITTEN_TO,
  looks: [{ pattern: `^${WORDS}$`, within: 'body', as: 'words' }],
};

function isCalled(dialog: FarDialog, script: CallScript): void {
  dialog.isOpened();
  dialog.add(told(`${TOLD.called} [call_id]`));
  // What early media has said the 200 repeats (RFC 6337 §3.1.1).
  const body = dialog.sdp();
  progresses(dialog, script, body);
  dialog.add(told(TOLD.ringing));
  if (script.outcome === 'cancelled') {
    dialog.grants('CANCEL');
    dialog.answersInvite('487 Request Terminated');
    dialog.add(awaited('ACK'));
    return;
  }
  dialog.add(paused(script.ringMs));
  if (script.outcome === 'talk') {
    const headers = script.sessionTimer ? SESSION_TIMER : [];
    dialog.answersInvite('200 OK', { headers, body });
    dialog.add(awaited('ACK'));
    converses(dialog, script);
  } else {
    dialog.answersInvite(REFUSALS[script.outcome]);
    dialog.add(awaited('ACK'));
  }
}

function progresses(dialog: FarDialog, { earlyMedia, reliable }: CallScript, body: string): void {
  const media = earlyMedia ? { body } : {};
  if (reliable) {
    reliably(dialog, { line: '183 Session Progress', rseq: 1, ...media });
    reliably(dialog, { line: '180 Ringing', rseq: 2 });
    return;
  }
  if (earlyMedia) dialog.answersInvite('183 Session Progress', media);
  dialog.answersInvite('180 Ringing');
}

/** RFC 3262 §3. */
function reliably(
  dialog: FarDialog,
  { line, rseq, body = '' }: Carried & { readonly line: string; readonly rseq: number },
): void {
  dialog.answersInvite(line, { headers: ['Require: 100rel', `RSeq: ${String(rseq)}`], body });
  const acknowledged = { pattern: `^ *${String(rseq)} `, within: 'RAck:', as: 'rack' } as const;
  dialog.grants('PRACK', {}, { looks: [acknowledged] });
}

function calls(dialog: FarDialog, script: CallScript, destination: FarLine['pcscf']): void {
  // The first cue opens the call; sipp would answer to where it came from.
  dialog.add(awaited(CUE, { destination }), told(`${TOLD.called} [call_id]`));
  dialog.opens(script.offerless ? {} : { body: dialog.sdp() });
  dialog.add(awaited(100, { isOptional: true }), awaited(180), told(TOLD.ringing));
  if (script.outcome === 'cancelled') {
    dialog.add(paused(script.ringMs));
    dialog.cancels();
    dialog.add(awaited(200));
    dialog.isRefused(487);
  } else if (script.outcome === 'talk') {
    dialog.isAccepted(script.offerless ? { body: dialog.sdp() } : {});
    converses(dialog, script);
  } else {
    dialog.isRefused(603);
  }
}

function converses(dialog: FarDialog, script: CallScript): void {
  dialog.add(told(TOLD.talking));
  for (const feature of script.features) FEATURE[feature](dialog);
  ENDING[script.ending](dialog);
}

const nothing = (): void => undefined;

/** What the phone of IMS does of its own accord it does on a cue; all else comes to it. */
const FEATURE: Readonly<Record<Feature, (dialog: FarDialog) => void>> = {
  update(dialog) {
    dialog.add(awaited(CUE));
    dialog.asks('UPDATE');
    dialog.add(told(done('update')));
  },
  'held by IMS'(dialog) {
    dialog.add(awaited(CUE));
    dialog.asks('INVITE', { body: dialog.sdp('sendonly') }, said('recvonly'));
    dialog.add(paused(HELD_MS));
    dialog.asks('INVITE', { body: dialog.sdp() }, said('sendrecv'));
    dialog.add(told(done('held by IMS')));
  },
  'held by the SDK'(dialog) {
    dialog.grants('INVITE', { body: dialog.sdp('recvonly') }, said('sendonly'));
    dialog.add(told(TOLD.held));
    dialog.grants('INVITE', { body: dialog.sdp() }, said('sendrecv'));
    dialog.add(told(done('held by the SDK')));
  },
  'keys of IMS'(dialog) {
    dialog.add(awaited(CUE), played(KEYS_FILE));
  },
  // The echo tells that they came.
  'keys of the SDK': nothing,
  messages(dialog) {
    dialog.add(awaited(CUE));
    dialog.asksBeside('MESSAGE', { body: WORDS, contentType: 'text/plain' });
    dialog.add(told(done('messages')));
  },
  'socket lost': nothing,
};

const ENDING: Readonly<Record<CallScript['ending'], (dialog: FarDialog) => void>> = {
  near(dialog) {
    dialog.grants('BYE');
  },
  far(dialog) {
    dialog.add(awaited(CUE));
    dialog.asks('BYE');
  },
  /** Takes over to whom it is sent, without news of it (RFC 4488), and is let go. */
  'handed on'(dialog) {
    dialog.grants('REFER', { headers: ['Refer-Sub: false'] });
    dialog.grants('BYE');
  },
};

const said = (direction: string) =>
  ({ looks: [{ pattern: `a=${direction}`, within: 'body', as: 'direction' }] }) as const;

export type Registrant = Pick<FarLine, 'user' | 'impu' | 'domain'> & { readonly expiresS: number };

/** One registration, which tells its Service-Route (RFC 3608). */
export function registerScenario({ user, impu, domain, expiresS }: Registrant): string {
  const register = (cseq: number, authorization: string): string =>
    sent(
      message([
        ...[`REGISTER sip:${domain} SIP/2.0`, 'Max-Forwards: 70'],
        'Via: SIP/2.0/UDP [local_ip]:[local_port];rport;branch=[branch]',
        ...[`From: <${impu}>;tag=[pid]`, `To: <${impu}>`, 'Call-ID: [call_id]'],
        `CSeq: ${String(cseq)} REGISTER`,
        `Contact: <sip:${user}@[local_ip]:[local_port];transport=udp>;expires=${String(expiresS)}`,
        ...['Supported: path', authorization],
      ]),
      'repeated',
    );
  const unknown = `username="${user}@${domain}", realm="${domain}", uri="sip:${domain}"`;
  const route = { pattern: '<.*>', within: 'Service-Route:', as: 'route' } as const;
  return scenarioOf('a phone of IMS registers', [
    register(1, `Authorization: Digest ${unknown}, nonce="", response=""`),
    awaited(401, { challenges: true }),
    register(2, '[authentication]'),
    awaited(200, { looks: [route] }),
    told(`${TOLD.registered} [$route]`),
  ]);
}
