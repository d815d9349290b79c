import { createTcpFramer } from '../../../../../local/src/ims/transport/tcp-framer.ts';

const message = (body: string): Buffer =>
  Buffer.from(`X sip:a SIP/2.0\r\nl: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`);

describe('RFC 3261 §18.3 – a stream of messages', () => {
  it('is cut the same however it arrives', () => {
    const stream = Buffer.concat([message('one'), message(''), message('drei ü')]);
    for (let size = 1; size <= stream.length; size += 1) {
      const framer = createTcpFramer();
      const bodies: string[] = [];
      for (let at = 0; at < stream.length; at += size) {
        const outcome = framer(stream.subarray(at, at + size));
        if (outcome.kind === 'broken') throw new Error('broken');
        bodies.push(...outcome.frames.map(({ body }) => Buffer.from(body).toString()));
      }
      expect(bodies).toEqual(['one', '', 'drei ü']);
    }
  });

  it('counts keep-alives between messages', () => {
    expect(createTcpFramer()(Buffer.from('\r\n\r\n'))).toMatchObject({ frames: [], pings: 1 });
  });

  it.each([
    ['without a length', 'X sip:a SIP/2.0\r\nFrom: x\r\n\r\n'],
    ['with a body too long', 'X sip:a SIP/2.0\r\nContent-Length: 99999999\r\n\r\n'],
    ['with a head that never ends', 'x'.repeat(70_000)],
  ])('is given up %s', (_, text) => {
    expect(createTcpFramer()(Buffer.from(text)).kind).toBe('broken');
  });
});
