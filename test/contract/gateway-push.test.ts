import { connectionId } from '@isthmus/shared/domain/ids';
import type { WebSocket } from 'ws';
import { createApiGatewayPush } from '../../media-node/src/adapters/push/api-gateway-push.ts';
import type { ClientPush } from '../../media-node/src/ports/client-push.ts';
import { FakeClock } from '../support/fake-clock.ts';
import {
  ask,
  closed,
  type GatewayBench,
  nextText,
  type SeenEvent,
  startGateway,
} from '../support/gateway-bench.ts';
import { MemoryClientPush } from '../support/node-memory-push.ts';

interface Subject {
  readonly push: ClientPush;
  readonly connection: string;
  /** The next thing the client receives. */
  next(): Promise<string>;
  hangUp(): Promise<void>;
  close(): Promise<void>;
}

const whoAmI = ({ requestContext }: SeenEvent) => ({
  statusCode: 200,
  body: requestContext.connectionId,
});
const routes = { $default: { handler: whoAmI, twoWay: true } };
const pushTo = (bench: GatewayBench, clock = new FakeClock()): ClientPush =>
  createApiGatewayPush(
    { clock, random: () => 0.5 },
    { endpoint: `http://127.0.0.1:${String(bench.port)}/local`, region: 'us-east-1' },
  );

async function onGateway(): Promise<Subject> {
  const bench = await startGateway({ routes });
  const socket: WebSocket = await bench.open();
  const connection = await ask(socket, 'who am I?');
  return {
    push: pushTo(bench),
    connection,
    next: () => nextText(socket),
    async hangUp() {
      const end = closed(socket);
      socket.close();
      await end;
    },
    close: () => bench.close(),
  };
}

function inMemory(): Promise<Subject> {
  const push = new MemoryClientPush();
  push.open('conn-1');
  return Promise.resolve({
    push,
    connection: 'conn-1',
    next: () => push.next('conn-1'),
    hangUp() {
      push.hangUp('conn-1');
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
}

describe.each([
  ['in memory', inMemory],
  ['through the management API', onGateway],
])('OPS-2: a push to the browser %s', (_name, start) => {
  let subject: Subject;

  beforeEach(async () => {
    subject = await start();
  });
  afterEach(() => subject.close());

  it('arrives at a connection that is there', async () => {
    const { push, connection } = subject;
    const arriving = subject.next();

    expect(await push.post(connectionId(connection), '{"event":"x"}')).toBe('delivered');
    expect(await arriving).toBe('{"event":"x"}');
    expect(await push.probe(connectionId(connection))).toBe('alive');
  });

  it('says that the connection is gone once the client has closed it', async () => {
    const { push, connection } = subject;
    await subject.hangUp();

    expect(await push.post(connectionId(connection), '{}')).toBe('gone');
    expect(await push.probe(connectionId(connection))).toBe('gone');
  });
});

describe('OPS-2: a push to a gateway that is not well', () => {
  it('is tried again when it was throttled, a little later each time', async () => {
    const bench = await startGateway({ routes }, { requestsPerS: 1 });
    const push = pushTo(bench, bench.clock);
    const gone = connectionId('TXzPWdnOjoECGjA=');
    expect(await push.probe(gone)).toBe('gone');

    const state = { isDone: false, waitedMs: 0 };
    const second = push.probe(gone).finally(() => {
      state.isDone = true;
    });
    while (!state.isDone && state.waitedMs < 5_000) {
      bench.clock.advance(20);
      state.waitedMs += 20;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }

    expect(await second).toBe('gone');
    expect(state.waitedMs).toBeGreaterThan(40);
    await bench.close();
  });

  it('fails with a code of ours when nobody is there', async () => {
    const push = createApiGatewayPush(
      { clock: new FakeClock() },
      { endpoint: 'http://127.0.0.1:9/local', region: 'us-east-1' },
    );

    await expect(push.post(connectionId('c'), '{}')).rejects.toMatchObject({
      code: 'store.failed',
    });
  });
});
