import type { WebSocket } from 'ws';
import {
  ask,
  closed,
  type GatewayBench,
  nextText,
  type SeenEvent,
  startGateway,
} from '../../support/gateway-bench.ts';
import { until } from '../../support/until.ts';

const answerWith = (body: string) => () => Promise.resolve({ statusCode: 200, body });

describe('OPS-2: a message at the local gateway', () => {
  const seen: SeenEvent[] = [];
  const contexts: Record<string, unknown>[] = [];
  let bench: GatewayBench;
  let socket: WebSocket;
  let slowStarted = 0;

  beforeAll(async () => {
    bench = await startGateway({
      routes: {
        $disconnect: { handler: (event: SeenEvent) => seen.push(event) },
        $default: {
          handler: (event: SeenEvent) => ({ statusCode: 200, body: `default:${event.body ?? ''}` }),
          twoWay: true,
        },
        ping: { mock: '{"pong":true,"on":"$context.connectionId"}' },
        echo: {
          handler: (event: SeenEvent, context: Record<string, unknown>) => {
            seen.push(event);
            contexts.push(context);
            return { statusCode: 200, body: event.body };
          },
          twoWay: true,
        },
        silent: { handler: answerWith('hidden') },
        refusing: { handler: () => ({ statusCode: 400, body: 'refused' }), twoWay: true },
        slow: {
          handler: () => {
            slowStarted += 1;
            return new Promise(() => undefined);
          },
        },
        failing: { handler: () => Promise.reject(new Error('no')) },
        malformed: { handler: () => undefined },
        big: { handler: answerWith('z'.repeat(100 * 1024)), twoWay: true },
        tooBig: { handler: answerWith('z'.repeat(129 * 1024)), twoWay: true },
        7: { handler: answerWith('seven'), twoWay: true },
      },
    });
  });

  afterAll(() => bench.close());

  beforeEach(async () => {
    seen.length = 0;
    contexts.length = 0;
    socket = await bench.open();
  });

  afterEach(() => {
    socket.terminate();
  });

  it.each([
    ['an action', { action: 'echo', id: '1' }, /^\{"action":"echo","id":"1"\}$/],
    ['a number as action', { action: 7 }, /^seven$/],
    ['an unknown action', { action: 'nope' }, /^default:/],
    ['no action', {}, /^default:/],
    ['null', 'null', /^default:null$/],
    ['no JSON', 'junk', /^default:junk$/],
    ['an action that is no text', { action: ['echo'] }, /^default:/],
    ['the name of $disconnect', { action: '$disconnect' }, /^default:/],
    ['a name every object has', { action: 'toString' }, /^default:/],
    ['a refusal, whose body is sent all the same', { action: 'refusing' }, /^refused$/],
    ['a handler that throws', { action: 'failing' }, /"message":"Internal server error"/],
    ['a handler without a status', { action: 'malformed' }, /"message":"Internal server error"/],
    ['an answer over 128 KB', { action: 'tooBig' }, /"message":"Internal server error"/],
    ['an answer over one frame', { action: 'big' }, /^z{102400}$/],
  ])('is routed by %s', async (_what, message, answer) => {
    expect(await ask(socket, message)).toMatch(answer);
  });

  it('of the MOCK route is answered from its template, without a Lambda', async () => {
    const answer = JSON.parse(await ask(socket, { action: 'ping' })) as Record<string, unknown>;
    await ask(socket, { action: 'echo' });

    const echoed = seen.find(({ requestContext }) => requestContext.routeKey === 'echo');
    expect(answer).toEqual({ pong: true, on: echoed?.requestContext.connectionId });
  });

  it('carries no headers, and a context of its own', async () => {
    await ask(socket, { action: 'echo' });

    const event = seen.find(({ requestContext }) => requestContext.routeKey === 'echo');
    expect(Object.keys(event ?? {}).sort()).toEqual(['body', 'isBase64Encoded', 'requestContext']);
    expect(event?.requestContext).toMatchObject({
      routeKey: 'echo',
      eventType: 'MESSAGE',
      messageId: expect.stringMatching(/^[\w-]{15}=$/) as string,
      connectionId: expect.stringMatching(/^[\w-]{15}=$/) as string,
      requestTime: expect.stringMatching(
        /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/,
      ) as string,
      requestTimeEpoch: bench.clock.nowMs(),
      connectedAt: bench.clock.nowMs(),
    });
  });

  it('gets a Lambda context that counts down', async () => {
    await ask(socket, { action: 'echo' });

    const [context] = contexts as { getRemainingTimeInMillis: () => number }[];
    expect(context).toMatchObject({ functionName: 'local', functionVersion: '$LATEST' });
    expect(context?.getRemainingTimeInMillis()).toBe(29_000);
  });

  it('of a one-way route is not answered', async () => {
    socket.send(JSON.stringify({ action: 'silent' }));

    expect(await ask(socket, { action: 'echo' })).toContain('echo');
  });

  it('that is not handled within 29 seconds is answered so, and the connection stays', async () => {
    const answer = ask(socket, { action: 'slow' });
    await until(() => slowStarted === 1);
    bench.clock.advance(29_000);

    expect(JSON.parse(await answer)).toEqual({
      message: 'Endpoint request timed out',
      connectionId: expect.any(String) as string,
      requestId: expect.any(String) as string,
    });
    expect(await ask(socket, 'still here')).toBe('default:still here');
  });

  it('without a $default route is Forbidden', async () => {
    const strict = await startGateway({ routes: {} });
    const other = await strict.open();

    expect(JSON.parse(await ask(other, 'junk'))).toMatchObject({ message: 'Forbidden' });
    other.terminate();
    await strict.close();
  });

  describe('against the limits', () => {
    it('of binary form closes with 1003', async () => {
      socket.send(Buffer.from([1, 2, 3]));

      expect((await closed(socket)).code).toBe(1003);
    });

    it('of 32 KB in one frame passes', async () => {
      const text = 'x'.repeat(32 * 1024);

      expect(await ask(socket, text)).toBe(`default:${text}`);
    });

    it('of one byte more in one frame closes with 1009 and is not handled', async () => {
      socket.send(JSON.stringify({ action: 'echo', pad: 'x'.repeat(32 * 1024) }));

      expect((await closed(socket)).code).toBe(1009);
      expect(seen.filter(({ body }) => body !== undefined)).toEqual([]);
    });

    it('of 128 KB in small frames passes, and more closes with 1009', async () => {
      const part = 'y'.repeat(32 * 1024);
      const answer = nextText(socket);
      for (const fin of [false, false, false, true]) socket.send(part, { fin });
      // The answer is larger than a message may be: what matters is that it was handled.
      expect(await answer).toContain('Internal server error');

      for (const fin of [false, false, false, false, true]) socket.send(part, { fin });
      expect((await closed(socket)).code).toBe(1009);
    });
  });

  describe('and the time', () => {
    it('keeps a connection open that speaks once in ten minutes', async () => {
      for (let i = 0; i < 3; i += 1) {
        bench.clock.advance(9 * 60_000);
        expect(await ask(socket, 'here')).toBe('default:here');
      }
    });

    it('closes an idle connection with 1001 after ten minutes', async () => {
      const end = closed(socket);
      bench.clock.advance(10 * 60_000);

      expect(await end).toEqual({ code: 1001, reason: 'Going away' });
      const codes = () => seen.map(({ requestContext }) => requestContext.disconnectStatusCode);
      await until(() => codes().includes(1001));
    });

    it('closes every connection after two hours, however busy', async () => {
      for (let i = 0; i < 23; i += 1) {
        bench.clock.advance(5 * 60_000);
        await ask(socket, 'here');
      }
      const end = closed(socket);
      bench.clock.advance(5 * 60_000);

      expect((await end).code).toBe(1001);
    });
  });
});

describe('OPS-2: the page and the gateway on one port', () => {
  it('leaves to others what is not its own', async () => {
    const bench = await startGateway({ routes: {} });

    const page = await fetch(`http://127.0.0.1:${String(bench.port)}/index.html`);

    expect(await page.text()).toBe('the page');
    await bench.close();
  });
});
