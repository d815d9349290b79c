import {
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import type { WebSocket } from 'ws';
import {
  ask,
  closed,
  type GatewayBench,
  nextText,
  type SeenEvent,
  startGateway,
} from '../../support/gateway-bench.ts';

describe('OPS-2: @connections of the local gateway, called by the real SDK', () => {
  let bench: GatewayBench;
  let socket: WebSocket;
  let ConnectionId: string;

  beforeAll(async () => {
    bench = await startGateway({
      routes: {
        $default: {
          handler: ({ requestContext }: SeenEvent) => ({
            statusCode: 200,
            body: requestContext.connectionId,
          }),
          twoWay: true,
        },
      },
    });
  });

  afterAll(() => bench.close());

  beforeEach(async () => {
    socket = await bench.open('', [], { 'User-Agent': 'bench' });
    ConnectionId = await ask(socket, 'who am I?');
  });

  afterEach(() => {
    socket.terminate();
  });

  const post = (Data: string, to = ConnectionId) =>
    bench.management.send(new PostToConnectionCommand({ ConnectionId: to, Data }));

  it.each([
    ['a short text', 'hello'],
    ['an empty text', ''],
    ['text of many bytes a letter', 'Grüße – 你好'],
    ['100 KB, in several frames', 'z'.repeat(100 * 1024)],
    ['128 KB', 'z'.repeat(128 * 1024)],
  ])('delivers %s', async (_what, text) => {
    const arriving = nextText(socket);
    await post(text);

    expect(await arriving).toBe(text);
  });

  it('refuses more than 128 KB with 413', async () => {
    await expect(post('z'.repeat(128 * 1024 + 1))).rejects.toMatchObject({
      name: 'PayloadTooLargeException',
      $metadata: { httpStatusCode: 413 },
    });
    await expect(post('z'.repeat(512 * 1024))).rejects.toMatchObject({
      name: 'PayloadTooLargeException',
    });
  });

  it('tells about a connection without touching its idle time', async () => {
    bench.clock.advance(60_000);
    const before = await bench.management.send(new GetConnectionCommand({ ConnectionId }));
    bench.clock.advance(60_000);
    const after = await bench.management.send(new GetConnectionCommand({ ConnectionId }));

    expect(before.Identity).toEqual({ SourceIp: '127.0.0.1', UserAgent: 'bench' });
    expect(before.ConnectedAt).toBeInstanceOf(Date);
    expect(after.LastActiveAt).toEqual(before.LastActiveAt);
  });

  it('counts a post as activity', async () => {
    const before = await bench.management.send(new GetConnectionCommand({ ConnectionId }));
    bench.clock.advance(60_000);
    await post('hello');
    const after = await bench.management.send(new GetConnectionCommand({ ConnectionId }));

    expect(Number(after.LastActiveAt) - Number(before.LastActiveAt)).toBe(60_000);
  });

  it('closes a connection, which is Gone from then on', async () => {
    const end = closed(socket);
    await bench.management.send(new DeleteConnectionCommand({ ConnectionId }));

    await expect(post('late')).rejects.toMatchObject({
      name: 'GoneException',
      $metadata: { httpStatusCode: 410 },
    });
    expect((await end).code).toBe(1000);
  });

  it.each([
    ['never was', 'TXzPWdnOjoECGjA='],
    ['is spelt wrong', '%'],
  ])('says Gone of a connection that %s', async (_what, id) => {
    await expect(post('hello', id)).rejects.toMatchObject({ name: 'GoneException' });
  });

  it('says Gone of a connection that its client has closed', async () => {
    const end = closed(socket);
    socket.close();
    await end;

    await expect(post('hello')).rejects.toMatchObject({ name: 'GoneException' });
  });

  it('refuses a signature with another key', async () => {
    const stranger = bench.managementWith('another');
    const command = new PostToConnectionCommand({ ConnectionId, Data: 'hello' });

    await expect(stranger.send(command)).rejects.toMatchObject({
      name: 'ForbiddenException',
      $metadata: { httpStatusCode: 403 },
    });
    stranger.destroy();
  });

  it('refuses a request without a signature, and any other method', async () => {
    const url = `http://127.0.0.1:${String(bench.port)}/local/@connections/${encodeURIComponent(ConnectionId)}`;

    expect((await fetch(url, { method: 'POST', body: 'hello' })).status).toBe(403);
    expect((await fetch(url, { method: 'PUT', body: 'hello' })).status).toBe(403);
  });
});

describe('OPS-2: @connections under load', () => {
  it('answers 429 to more requests a second than the account may make', async () => {
    const bench = await startGateway({ routes: {} }, { requestsPerS: 2 });
    const probe = () => bench.management.send(new GetConnectionCommand({ ConnectionId: 'none' }));

    await expect(probe()).rejects.toMatchObject({ name: 'GoneException' });
    await expect(probe()).rejects.toMatchObject({ name: 'GoneException' });
    await expect(probe()).rejects.toMatchObject({
      name: 'LimitExceededException',
      $metadata: { httpStatusCode: 429 },
    });
    await bench.close();
  });

  it('answers 429 when the client does not read', async () => {
    const bench = await startGateway(
      {
        routes: {
          $default: {
            handler: ({ requestContext }: SeenEvent) => ({
              statusCode: 200,
              body: requestContext.connectionId,
            }),
            twoWay: true,
          },
        },
      },
      { maxBufferedBytes: 256 * 1024 },
    );
    const socket = await bench.open();
    const ConnectionId = await ask(socket, 'who am I?');
    socket.pause();
    const Data = 'z'.repeat(128 * 1024);
    const flood = async (): Promise<void> => {
      for (let i = 0; i < 400; i += 1) {
        await bench.management.send(new PostToConnectionCommand({ ConnectionId, Data }));
      }
    };

    await expect(flood()).rejects.toMatchObject({ name: 'LimitExceededException' });
    socket.terminate();
    await bench.close();
  });
});
