import type { SipMessage } from '../sip/message.ts';
import { parseMessage } from '../sip/parse-message.ts';
import type { Flow } from './flow.ts';

export interface InnerEnds {
  readonly toServices: Flow;
  readonly toNetwork: Flow;
}

export interface InnerReceivers {
  readonly onServices: (message: SipMessage) => void;
  readonly onNetwork: (message: SipMessage) => void;
}

/** A connection inside the process: what is sent is written and parsed as on any other. */
export function createInnerFlows(receivers: InnerReceivers): InnerEnds {
  return {
    toServices: innerFlow('services', receivers.onServices),
    toNetwork: innerFlow('network', receivers.onNetwork),
  };
}

function innerFlow(id: string, receive: (message: SipMessage) => void): Flow {
  return {
    id,
    transport: 'TCP',
    isReliable: true,
    remote: { host: 'localhost', port: 0 },
    isOpen: () => true,
    send(bytes) {
      const whole = Buffer.from(bytes);
      const headLength = whole.indexOf('\r\n\r\n');
      const outcome = parseMessage(
        whole.toString('utf8', 0, headLength),
        whole.subarray(headLength + 4),
      );
      if (!outcome.ok) return;
      queueMicrotask(() => {
        receive(outcome.message);
      });
    },
  };
}
