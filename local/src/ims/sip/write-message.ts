import type { SipMessage } from './message.ts';

/** One entry a line; Content-Length is always counted anew. */
export function writeMessage(message: SipMessage): Buffer {
  const start =
    message.kind === 'request'
      ? `${message.method} ${message.uri} SIP/2.0`
      : `SIP/2.0 ${String(message.status)} ${message.reason}`;
  const lines = message.headers
    .filter(({ name }) => name.toLowerCase() !== 'content-length')
    .map(({ name, value }) => `${name}: ${value}`);
  const length = `Content-Length: ${String(message.body.length)}`;
  return Buffer.concat([Buffer.from([start, ...lines, length, '', ''].join('\r\n')), message.body]);
}
