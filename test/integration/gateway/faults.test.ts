import { PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import {
  ask,
  closed,
  type GatewayBench,
  type SeenEvent,
  startGateway,
} from '../../support/gateway-bench.ts';
import { until } from '../../support/until.ts';

describe('OPS-2: the local gateway with its faults switched on', () => {
  const handled: string[] = [];
  const disconnects: string[] = [];
  let bench: GatewayBench;
  let rolls: number[] = [];

  beforeEach(async () => {
    handled.length = 0;
    disconnects.length = 0;
    rolls = [];
    bench = await startGateway({
      routes: {
        $disconnect: {
          handler: ({ requestContext }: SeenEvent) => disconnects.push(requestContext.connectionId),
        },
        $default: {
          handler: ({ body = '', requestContext }: SeenEvent) => {
            handled.push(body);
            return { statusCode: 200, body: requestContext.connectionId };
          },
          twoWay: true,
        },
      },
      random: () => rolls.shift() ?? 0.9,
    });
  });

  afterEach(() => bench.close());

  it('has none at first', async () => {
    const socket = await bench.open();
    rolls = [0, 0, 0, 0];
    await ask(socket, 'first');

    expect(handled).toEqual(['first']);
    socket.close();
    await until(() => disconnects.length === 1);
  });

  it('lets a later message overtake an earlier one', async () => {
    const socket = await bench.open();
    bench.gateway.faults.reorder = true;
    rolls = [0.1, 0.5, 0.9];

    socket.send('first');
    await ask(socket, 'second');
    expect(handled).toEqual(['second']);
    bench.clock.advance(60);
    await until(() => handled.length === 2);

    expect(handled).toEqual(['second', 'first']);
    socket.terminate();
  });

  it('lets a later post overtake an earlier one', async () => {
    const socket = await bench.open();
    const ConnectionId = await ask(socket, 'who am I?');
    const arrived: string[] = [];
    socket.on('message', (data: Buffer) => arrived.push(data.toString('utf8')));
    bench.gateway.faults.reorder = true;
    rolls = [0.1, 0.5, 0.9];

    for (const Data of ['first', 'second']) {
      await bench.management.send(new PostToConnectionCommand({ ConnectionId, Data }));
    }
    bench.clock.advance(60);
    await until(() => arrived.length === 2);

    expect(arrived).toEqual(['second', 'first']);
    socket.terminate();
  });

  it('hands a message to two invocations and a post to the client twice', async () => {
    const socket = await bench.open();
    bench.gateway.faults.duplicate = true;
    rolls = [0.1];
    const ConnectionId = await ask(socket, 'once');
    await until(() => handled.length === 2);
    expect(handled).toEqual(['once', 'once']);

    const arrived: string[] = [];
    socket.on('message', (data: Buffer) => arrived.push(data.toString('utf8')));
    rolls = [0.1];
    await bench.management.send(new PostToConnectionCommand({ ConnectionId, Data: 'event' }));
    await until(() => arrived.filter((text) => text === 'event').length === 2);
    socket.terminate();
  });

  it('does not call $disconnect', async () => {
    const socket = await bench.open();
    bench.gateway.faults.dropDisconnect = true;
    socket.close();
    await closed(socket);
    const other = await bench.open();
    await ask(other, 'later');
    other.terminate();

    expect(disconnects).toEqual([]);
  });
});
