import * as z from 'zod';
import { REGISTRATION_OPTIONS } from '../domain/registration-option.ts';
import { SECRET_KINDS } from '../domain/secret-kind.ts';
import { forwardingRequest } from '../wire/forwarding.ts';
import { messageSend } from '../wire/messages.ts';
import { callRequest } from '../wire/requests.ts';

/**
 * functions → media node, `POST /commands` over the pinned channel. The node trusts these facts:
 * the functions have authenticated the session; the browser chose none of them.
 */
const onSession = {
  commandId: z.string().describe('A repeated id gets the same answer'),
  tenant: z.string(),
  sessionId: z.string(),
};

/** Options 2 and 3: the client's own subscription, its secret still sealed. */
export const ownSubscription = z.strictObject({
  kind: z.literal('own'),
  impu: z.string(),
  impi: z.string(),
  sealedPassword: z.string().describe('Sealed for { tenant, purpose: "ims", subject: impi }'),
  secretKind: z.enum(SECRET_KINDS).optional().describe('What is sealed; a password where absent'),
});

/** Option 1: an IMPU of the implicit set of the IWF's own registration. */
export const boundIdentity = z.strictObject({
  kind: z.literal('bound'),
  impu: z.string(),
  trunkId: z.string(),
});

export const registerCommand = z.strictObject({
  ...onSession,
  kind: z.literal('register'),
  connectionId: z.string(),
  userName: z.string(),
  option: z.enum(REGISTRATION_OPTIONS),
  device: z.string().optional().describe('What the user calls this device; for his own eyes'),
  subscriber: z.discriminatedUnion('kind', [ownSubscription, boundIdentity]),
});

export const attachCommand = z
  .strictObject({
    ...onSession,
    kind: z.literal('attach'),
    connectionId: z.string(),
  })
  .describe('The session has a new WebSocket');

export const detachCommand = z
  .strictObject({
    ...onSession,
    kind: z.literal('detach'),
    connectionId: z.string(),
  })
  .describe('The WebSocket of the session closed; the grace time starts unless another attached');

export const unregisterCommand = z
  .strictObject({
    ...onSession,
    kind: z.literal('unregister'),
  })
  .describe('Log-out: release the calls, de-register, end the session');

export const callCommand = z.strictObject({
  ...onSession,
  kind: z.literal('call'),
  request: callRequest,
});

export const messageCommand = z.strictObject({
  ...onSession,
  kind: z.literal('message'),
  request: messageSend,
});

export const forwardingCommand = z.strictObject({
  ...onSession,
  kind: z.literal('forwarding'),
  request: forwardingRequest,
});

export const controlCommand = z.discriminatedUnion('kind', [
  registerCommand,
  attachCommand,
  detachCommand,
  unregisterCommand,
  callCommand,
  messageCommand,
  forwardingCommand,
]);

export type OwnSubscription = z.infer<typeof ownSubscription>;
export type BoundIdentity = z.infer<typeof boundIdentity>;
export type RegisterCommand = z.infer<typeof registerCommand>;
export type AttachCommand = z.infer<typeof attachCommand>;
export type DetachCommand = z.infer<typeof detachCommand>;
export type UnregisterCommand = z.infer<typeof unregisterCommand>;
export type CallCommand = z.infer<typeof callCommand>;
export type MessageCommand = z.infer<typeof messageCommand>;
export type ForwardingCommand = z.infer<typeof forwardingCommand>;
export type ControlCommand = z.infer<typeof controlCommand>;
