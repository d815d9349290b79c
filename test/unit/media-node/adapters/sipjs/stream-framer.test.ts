import { frameOfDatagram } from '../../../../../media-node/src/adapters/sipjs/frame.ts';
import { StreamFramer } from '../../../../../media-node/src/adapters/sipjs/stream-framer.ts';

const MESSAGE = 'A x SIP/2.0\r\nContent-Length: 4\r\n\r\nbödy'.replace('bödy', 'böd');

function framed(chunks: readonly Buffer[]): { heard: string[]; isSane: boolean } {
  const heard: string[] = [];
  const framer = new StreamFramer({
    onFrame: ({ body }) => heard.push(body),
    onPing: () => heard.push('ping'),
    onPong: () => heard.push('pong'),
  });
  const sane = chunks.map((chunk) => framer.push(chunk));
  return { heard, isSane: sane.every(Boolean) };
}

describe('RFC 3261 §18.3: a stream of messages', () => {
  it('is the same however it is cut', () => {
    const bytes = Buffer.from(`${MESSAGE}${MESSAGE}`);
    const single = Array.from(bytes, (byte) => Buffer.from([byte]));

    expect(framed([bytes]).heard).toEqual(['böd', 'böd']);
    expect(framed(single).heard).toEqual(['böd', 'böd']);
  });

  it('RFC 5626 §4.4.1: carries pings and pongs between messages', () => {
    expect(framed([Buffer.from(`\r\n\r\n${MESSAGE}\r\n`)]).heard).toEqual(['ping', 'böd', 'pong']);
  });

  it.each([
    'A x\r\nContent-Length: -1\r\n\r\n',
    'A x\r\nContent-Length: 99999999\r\n\r\n',
    'A x\r\nContent-Length: 1\r\nl: 2\r\n\r\n',
    'x'.repeat(70_000),
  ])('that makes no sense is given up', (text) => {
    expect(framed([Buffer.from(text)]).isSane).toBe(false);
  });
});

describe('RFC 3261 §18.3: a datagram', () => {
  it.each([
    ['A x\r\nContent-Length: 2\r\n\r\nabcd', 'ab'],
    ['A x\r\n\r\nabcd', 'abcd'],
  ])('%j has a body', (text, body) => {
    expect(frameOfDatagram(Buffer.from(text))).toMatchObject({ body });
  });

  it.each(['A x\r\nContent-Length: 9\r\n\r\nabcd', 'no end', ''])('%j is malformed', (text) => {
    expect(frameOfDatagram(Buffer.from(text))).toBe('malformed');
  });
});
