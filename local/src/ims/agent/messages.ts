import { bodyText, firstHeader, NO_BODY, type SipRequest, withBody } from '../sip/message.ts';
import { randomToken } from '../sip/tokens.ts';

const STATUS: Readonly<Record<string, number>> = { busy: 486, noanswer: 480, reject: 603 };

/** How a service takes what is written to it. */
export const statusOfMessage = (service: string): number => STATUS[service] ?? 200;

/** What was written goes back to its writer, from the service. */
export function writeBack(message: SipRequest, writer: string): SipRequest {
  const type = firstHeader(message, 'Content-Type') ?? 'text/plain';
  const answer: SipRequest = {
    kind: 'request',
    method: 'MESSAGE',
    uri: writer,
    headers: [
      { name: 'Max-Forwards', value: '70' },
      { name: 'From', value: `<${message.uri}>;tag=${randomToken()}` },
      { name: 'To', value: `<${writer}>` },
      { name: 'Call-ID', value: randomToken() },
      { name: 'CSeq', value: '1 MESSAGE' },
      { name: 'P-Asserted-Identity', value: `<${message.uri}>` },
    ],
    body: NO_BODY,
  };
  return withBody(answer, type, bodyText(message));
}
