import type { IncomingMessage } from 'sip.js/lib/core/index.js';
import type { TimerHeaders } from '../../core/session/session-timer.ts';
import { tokensOf } from '../../core/sip/headers.ts';

export const timerHeadersOf = (message: IncomingMessage): TimerHeaders => ({
  sessionExpires: message.getHeader('session-expires'),
  minSe: message.getHeader('min-se'),
  supported: tokensOf(message.getHeaders('supported')),
});
