import type { SipTimers } from '@isthmus/shared/store/ims-access';
import { TransportError } from 'sip.js/lib/core/index.js';
import { withAccessNetwork } from '../../core/sip/access-network.ts';
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
  /** As the tenant has it. */
  readonly accessNetworkInfo: string | undefined;
}

/** What sip.js takes for a transport: the flow of one account, its branches marked, its words traced. */
export function agentTransport({
  accessNetworkInfo,
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
        const message = withAccessNetwork(marked(text, token), accessNetworkInfo);
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
