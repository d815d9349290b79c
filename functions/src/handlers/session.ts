import { composeSession } from '../compose.ts';
import { processEnv } from '../env.ts';
import type { LambdaHandler } from '../middleware/gateway-event.ts';
import type { ForwardCall, ForwardForwarding, ForwardMessage } from '../use-cases/forward-call.ts';
import { lazy } from './lazy.ts';
import { createMessageHandler, type MessageHandlerDeps } from './message-handler.ts';

export interface SessionHandlerDeps extends MessageHandlerDeps {
  readonly forwardCall: ForwardCall;
  readonly forwardMessage: ForwardMessage;
  readonly forwardForwarding: ForwardForwarding;
}

/** Every command of a call, and `$default`: what is no message, and actions that do not exist. */
export function createSessionHandler(deps: SessionHandlerDeps): LambdaHandler {
  const { forwardCall, forwardForwarding, forwardMessage } = deps;
  return createMessageHandler(deps, {
    'call.start': forwardCall,
    'call.candidate': forwardCall,
    'call.ring': forwardCall,
    'call.accept': forwardCall,
    'call.decline': forwardCall,
    'call.answer': forwardCall,
    'call.restart': forwardCall,
    'call.hang-up': forwardCall,
    'call.hold': forwardCall,
    'call.resume': forwardCall,
    'call.video': forwardCall,
    'call.transfer': forwardCall,
    'call.transfer-to': forwardCall,
    'call.trace': forwardCall,
    'call.numbers': forwardCall,
    'message.send': forwardMessage,
    'forwarding.set': forwardForwarding,
    'forwarding.get': forwardForwarding,
  });
}

export const handler = lazy(() => createSessionHandler(composeSession(processEnv())));
