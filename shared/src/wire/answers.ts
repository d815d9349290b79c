import * as z from 'zod';
import { callNumbers } from '../domain/call-numbers.ts';
import { anyEvent, errorView } from './events.ts';
import { forwardingSettings } from './forwarding.ts';
import { ladderEntry } from './ladder.ts';
import type { Action } from './requests.ts';

const nothing = z.strictObject({});

export const iceServer = z.strictObject({
  urls: z.string(),
  username: z.string().optional(),
  credential: z.string().optional(),
});

export type IceServer = z.infer<typeof iceServer>;

/** What comes back in `ok` of the two-way answer `{ re, ok }`, per action. */
export const ANSWERS = {
  login: nothing,
  token: z.strictObject({ token: z.string(), expiresInS: z.int() }),
  register: z.strictObject({
    sessionId: z.string(),
    resumeKey: z.string().describe('Secret of this session: `resume` needs it'),
    iceServers: z
      .array(iceServer)
      .describe(
        'For RTCPeerConnection: STUN of the node, and TURN of the tenant with credentials of this session',
      ),
  }),
  resume: z.strictObject({
    events: z.array(anyEvent),
    iceServers: z
      .array(iceServer)
      .optional()
      .describe('As of `register`, with new credentials; absent where there are none to renew'),
  }),
  logout: nothing,
  'call.start': z.strictObject({ sdp: z.string().describe('The early answer of the node') }),
  'call.candidate': nothing,
  'call.ring': nothing,
  'call.accept': nothing,
  'call.decline': nothing,
  'call.answer': nothing,
  'call.restart': z.strictObject({
    sdp: z.string().describe('The answer of the node, with new ICE names of its own'),
  }),
  'call.hang-up': nothing,
  'call.hold': nothing,
  'call.resume': nothing,
  'call.video': nothing,
  'call.transfer': nothing,
  'call.transfer-to': nothing,
  'message.send': nothing,
  'forwarding.set': nothing,
  'forwarding.get': forwardingSettings,
  'call.trace': z.strictObject({
    entries: z.array(ladderEntry),
    next: z.int().optional().describe('There is more: ask again `from` here'),
  }),
  'call.numbers': callNumbers,
} as const satisfies Record<Action, z.ZodType>;

export type AnswerOf<A extends Action> = z.infer<(typeof ANSWERS)[A]>;

export const refusal = z.strictObject({ re: z.string(), error: errorView });
export type Refusal = z.infer<typeof refusal>;
export type Answer<A extends Action> = { readonly re: string; readonly ok: AnswerOf<A> } | Refusal;
