import type { SipTimers } from '@isthmus/shared/store/ims-access';
import { TransportError } from 'sip.js/lib/core/index.js';
import { marked } from './branch-mark.ts';
import type { Flow } from './flow.ts';
import type { Protocol } from './link.ts';
import type { TimedTransport } from './sip-timers.ts';
import type { SipTraceFeed } from './sip-trace-feed.ts';

export interface AgentTransportOptions {
  /** The one the account is on now. */
  readonly flow: () => Flow;
  readonly feed: SipTraceFeed;
  readonly timers: SipTimers;
  readonly token: string;
}

/** What sip.js takes for a transport: the flow of one account, its branches marked, its words traced. */
export function agentTransport({
  feed,
  flow,
  timers,
  token,
}: AgentTransportOptions): TimedTransport {
  return {
    get protocol(): Protocol {
      return flow().protocol;
    },
    timers,
    send(text) {
      try {
        const message = marked(text, token);
        feed.sent(message);
        flow().send(message);
        return Promise.resolve();
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : 'not sent';
        return Promise.reject(new TransportError(reason));
      }
    },
  };
}
