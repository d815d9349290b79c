import { frameOfDatagram } from '../../../../../media-node/src/adapters/sipjs/frame.ts';
import { StreamFramer } from '../../../../../media-node/src/adapters/sipjs/stream-framer.ts';
import { UdpRetransmissions } from '../../../../../media-node/src/adapters/sipjs/udp-retransmissions.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

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

describe('SES-7: timers of RFC 3261 §17 over UDP', () => {
  const message = (start: string, method: string): string =>
    `${start}\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nCSeq: 1 ${method}\r\n\r\n`;

  function sendings(
    text: string,
    afterMs: readonly number[],
    received?: string,
  ): readonly number[] {
    const clock = new FakeClock();
    let sent = 0;
    const retransmissions = new UdpRetransmissions(clock, () => {
      sent += 1;
    });
    retransmissions.sent(text);
    if (received !== undefined) retransmissions.received(received);
    return afterMs.map((ms) => {
      clock.advance(ms);
      return sent;
    });
  }

  it('A doubles without limit', () => {
    expect(
      sendings(message('INVITE x SIP/2.0', 'INVITE'), [500, 999, 1, 2000, 4000, 8000]),
    ).toEqual([1, 1, 2, 3, 4, 5]);
  });

  it('E doubles up to T2', () => {
    expect(sendings(message('BYE x SIP/2.0', 'BYE'), [500, 1000, 2000, 4000, 4000])).toEqual([
      1, 2, 3, 4, 5,
    ]);
  });

  it.each([
    ['a 180 ends A', 'INVITE x SIP/2.0', 'INVITE', message('SIP/2.0 180 x', 'INVITE')],
    ['a 200 ends E', 'BYE x SIP/2.0', 'BYE', message('SIP/2.0 200 x', 'BYE')],
    ['ACK ends G', 'SIP/2.0 486 x', 'INVITE', message('ACK x SIP/2.0', 'ACK')],
  ])('%s', (_what, start, method, received) => {
    expect(sendings(message(start, method), [500, 1000], received)).toEqual([0, 0]);
  });

  it.each([
    ['ACK x SIP/2.0', 'ACK'],
    ['SIP/2.0 200 x', 'INVITE'],
    ['SIP/2.0 486 x', 'BYE'],
  ])('%s is not repeated', (start, method) => {
    expect(sendings(message(start, method), [500, 4000])).toEqual([0, 0]);
  });
});
