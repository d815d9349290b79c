import { PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import {
  closed,
  type GatewayBench,
  type SeenEvent,
  startGateway,
} from '../../support/gateway-bench.ts';
import { until } from '../../support/until.ts';

const policy = (Effect: 'Allow' | 'Deny', Resource: string) => ({
  Version: '2012-10-17',
  Statement: [{ Action: 'execute-api:Invoke', Effect, Resource }],
});

describe('OPS-2: a handshake at the local gateway', () => {
  const seen: SeenEvent[] = [];
  const asked: SeenEvent[] = [];
  let bench: GatewayBench;
  let postInConnect: unknown;

  const verdicts: Record<string, (arn: string) => unknown> = {
    deny: (arn) => ({ principalId: 'u', policyDocument: policy('Deny', arn) }),
    elsewhere: () => ({ principalId: 'u', policyDocument: policy('Allow', 'arn:aws:other') }),
    nobody: (arn) => ({ policyDocument: policy('Allow', arn) }),
    nested: (arn) => ({
      principalId: 'u',
      policyDocument: policy('Allow', arn),
      context: { deep: { er: 1 } },
    }),
    huge: (arn) => ({
      principalId: 'u',
      policyDocument: policy('Allow', arn),
      context: { text: 'x'.repeat(9000) },
    }),
    wildcard: () => ({
      principalId: 'u',
      policyDocument: policy('Allow', 'arn:aws:execute-api:*/local/$connect'),
    }),
    nothing: () => undefined,
  };

  const authorizer = (event: SeenEvent): unknown => {
    asked.push(event);
    const { ticket = '' } = event.queryStringParameters ?? {};
    if (ticket === 'unknown') throw new Error('Unauthorized');
    if (ticket === 'boom') throw new Error('boom');
    const arn = event.methodArn ?? '';
    return (
      verdicts[ticket]?.(arn) ??
      (ticket === 'nothing'
        ? undefined
        : {
            principalId: 'u1',
            policyDocument: policy('Allow', arn),
            context: { userId: 'u1', count: 5, isNew: true },
          })
    );
  };

  const connect = async (event: SeenEvent): Promise<unknown> => {
    seen.push(event);
    const { refuse, wrong, self } = event.queryStringParameters ?? {};
    if (wrong === 'throws') throw new Error('no');
    if (wrong === 'shape') return 'accepted';
    if (self) {
      const { connectionId } = event.requestContext;
      postInConnect = await bench.management
        .send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: 'welcome' }))
        .catch((error: unknown) => error);
    }
    if (refuse) return { statusCode: Number(refuse), body: 'no' };
    const asksFor = event.headers?.['Sec-WebSocket-Protocol'];
    return {
      statusCode: 200,
      headers: asksFor ? { 'Sec-WebSocket-Protocol': 'isthmus' } : {},
    };
  };

  beforeAll(async () => {
    bench = await startGateway(
      {
        authorizer: {
          handler: authorizer,
          identitySources: ['route.request.querystring.ticket'],
        },
        routes: {
          $connect: { handler: connect },
          $disconnect: { handler: (event: SeenEvent) => seen.push(event) },
        },
      },
      { connectsPerS: 1_000_000 },
    );
  });

  afterAll(() => bench.close());

  beforeEach(() => {
    seen.length = 0;
    asked.length = 0;
  });

  it.each([
    ['/local?ticket=good', 101],
    ['/local/?ticket=good', 101],
    ['/local?ticket=wildcard', 101],
    ['/other?ticket=good', 403],
    ['/?ticket=good', 403],
    [`/local?ticket=${'x'.repeat(4100)}`, 414],
    ['/local?ticket=unknown', 401],
    ['/local?ticket=deny', 403],
    ['/local?ticket=elsewhere', 403],
    ['/local?ticket=nobody', 403],
    ['/local?ticket=nothing', 403],
    ['/local?ticket=nested', 500],
    ['/local?ticket=huge', 500],
    ['/local?ticket=boom', 500],
    ['/local?ticket=good&refuse=400', 400],
    ['/local?ticket=good&refuse=503', 503],
    ['/local?ticket=good&wrong=throws', 502],
    ['/local?ticket=good&wrong=shape', 502],
  ])('%.40s is answered %i', async (path, status) => {
    expect(await bench.handshake(path)).toBe(status);
  });

  it('without its identity source is refused, and the authorizer is not asked', async () => {
    expect(await bench.handshake('/local')).toBe(401);
    expect(asked).toEqual([]);
  });

  it('shows the authorizer what AWS shows it', async () => {
    const socket = await bench.open('?ticket=good&a=1&a=2', [], { Origin: 'https://page.example' });
    socket.terminate();

    expect(asked[0]).toMatchObject({
      type: 'REQUEST',
      methodArn: 'arn:aws:execute-api:us-east-1:000000000000:localapi01/local/$connect',
      queryStringParameters: { ticket: 'good', a: '2' },
      multiValueQueryStringParameters: { a: ['1', '2'] },
      headers: { Origin: 'https://page.example', 'X-Forwarded-For': '127.0.0.1' },
      requestContext: {
        routeKey: '$connect',
        eventType: 'CONNECT',
        identity: { sourceIp: '127.0.0.1' },
        stage: 'local',
        apiId: 'localapi01',
        messageDirection: 'IN',
      },
    });
    expect(asked[0]).not.toHaveProperty('body');
    expect(Object.keys(asked[0]?.headers ?? {})).not.toContain('Upgrade');
  });

  it('passes the context of the authorizer on, every value as text', async () => {
    const socket = await bench.open('?ticket=good');
    socket.terminate();

    expect(seen[0]?.requestContext.authorizer).toEqual({
      userId: 'u1',
      count: '5',
      isNew: 'true',
      principalId: 'u1',
      integrationLatency: expect.any(Number) as number,
    });
  });

  it('takes the subprotocol that $connect named', async () => {
    const socket = await bench.open('?ticket=good', ['other', 'isthmus']);

    expect(socket.protocol).toBe('isthmus');
    socket.terminate();
  });

  it('is not open yet inside $connect: a post to it is Gone', async () => {
    const socket = await bench.open('?ticket=good&self=1');
    socket.terminate();

    expect(postInConnect).toMatchObject({
      name: 'GoneException',
      $metadata: { httpStatusCode: 410 },
    });
  });

  it('ends in $disconnect with the code and reason of the client', async () => {
    const socket = await bench.open('?ticket=good');
    socket.close(4000, 'bye');
    await closed(socket);
    // A handshake of another test may still be under way: ours is the one that said bye.
    const farewell = () =>
      seen.find(({ requestContext }) => requestContext['disconnectReason'] === 'bye');
    await until(() => farewell() !== undefined);

    const connectionId = farewell()?.requestContext.connectionId;
    const greeted = seen.filter(({ requestContext }) => requestContext['eventType'] === 'CONNECT');
    expect(greeted.map(({ requestContext }) => requestContext.connectionId)).toContain(
      connectionId,
    );
    expect(farewell()).toMatchObject({
      headers: { Host: `127.0.0.1:${String(bench.port)}`, 'x-api-key': '' },
      requestContext: {
        routeKey: '$disconnect',
        eventType: 'DISCONNECT',
        disconnectStatusCode: 4000,
        authorizer: { principalId: 'u1' },
      },
    });
  });
});

describe('OPS-2: a gateway with few connections a second', () => {
  it('answers 429 to more, and lets them in again a second later', async () => {
    const bench = await startGateway({ routes: {} }, { connectsPerS: 2 });
    const statuses = async () => [await bench.handshake('/local'), await bench.handshake('/local')];

    expect(await statuses()).toEqual([101, 101]);
    expect(await statuses()).toEqual([429, 429]);
    bench.clock.advance(1000);
    expect(await statuses()).toEqual([101, 101]);

    await bench.close();
  });
});

describe('OPS-2: a $connect that does not answer', () => {
  it('is given up after 29 seconds with 504', async () => {
    let isAsked = false;
    const handler = (): Promise<never> => {
      isAsked = true;
      return new Promise(() => undefined);
    };
    const bench = await startGateway({ routes: { $connect: { handler } } });

    const status = bench.handshake('/local');
    await until(() => isAsked);
    bench.clock.advance(29_000);

    expect(await status).toBe(504);
    await bench.close();
  });
});
