import type { Patience } from '../../../../../media-node/src/adapters/ecs/ask.ts';
import {
  privateAddressOfTask,
  publicAddressOfTask,
} from '../../../../../media-node/src/adapters/ecs/task-addresses.ts';
import { anEndpoint, type Endpoint, type Reply } from './an-endpoint.ts';

const patience: Patience = { tries: 3, firstPauseMs: 500, timeoutMs: 2_000 };

/** A clock that never waits, and remembers how long it should have. */
const aHurry = () => {
  const pausesMs: number[] = [];
  const clock = {
    after(ms: number, task: () => void) {
      pausesMs.push(ms);
      task();
      return () => undefined;
    },
  };
  return { clock, pausesMs };
};

/** As ECS answers, cut down; the pause container of EC2 has a network too. */
const taskMetadata = (...addresses: readonly (readonly string[] | undefined)[]): Reply => ({
  body: JSON.stringify({
    Cluster: 'arn:aws:ecs:eu-central-1:111122223333:cluster/nodes',
    LaunchType: 'FARGATE',
    Containers: addresses.map((IPv4Addresses) => ({
      Name: 'node',
      ...(IPv4Addresses && { Networks: [{ NetworkMode: 'awsvpc', IPv4Addresses }] }),
    })),
  }),
});

let endpoint: Endpoint | undefined;
afterEach(async () => {
  await endpoint?.close();
  endpoint = undefined;
});

const privately = async (...replies: readonly Reply[]) => {
  endpoint = await anEndpoint(...replies);
  const { clock, pausesMs } = aHurry();
  return { address: privateAddressOfTask({ clock }, `${endpoint.url}/v4/abc`, patience), pausesMs };
};
const publicly = async (...replies: readonly Reply[]) => {
  endpoint = await anEndpoint(...replies);
  const { clock, pausesMs } = aHurry();
  return { address: publicAddressOfTask({ clock }, endpoint.url, patience), pausesMs };
};

describe('OPS-1: the private address of a task', () => {
  it('is read from the metadata of the task', async () => {
    const { address } = await privately(taskMetadata(['10.37.4.17']));

    expect(await address).toBe('10.37.4.17');
    expect(endpoint?.asked.map(({ line }) => line)).toEqual(['GET /v4/abc/task']);
  });

  it('is that of whichever container tells one', async () => {
    const { address } = await privately(taskMetadata(undefined, [], ['10.37.4.17']));

    expect(await address).toBe('10.37.4.17');
  });

  it('is waited for, longer each time, while the metadata are incomplete', async () => {
    const { address, pausesMs } = await privately(
      { status: 500, body: 'not yet' },
      taskMetadata(undefined),
      taskMetadata(['10.37.4.17']),
    );

    expect(await address).toBe('10.37.4.17');
    expect(pausesMs).toEqual([500, 1_000]);
  });

  it.each([
    ['no JSON', 'hello'],
    ['null', 'null'],
    ['no containers', '{}'],
    ['a list that is none', '{"Containers":{"Networks":1}}'],
    ['an IPv6 address', '{"Containers":[{"Networks":[{"IPv4Addresses":["fd00::1"]}]}]}'],
    ['a number', '{"Containers":[{"Networks":[{"IPv4Addresses":[10]}]}]}'],
  ])('is not found in %s', async (_, body) => {
    const { address } = await privately({ body });

    await expect(address).rejects.toMatchObject({
      details: { reason: expect.stringContaining('the answer holds no IPv4 address') as unknown },
    });
    expect(endpoint?.asked).toHaveLength(3);
  });
});

describe('OPS-1: the public address of a task', () => {
  it('is what the service sees', async () => {
    const { address } = await publicly({ body: '203.0.113.7\n' });

    expect(await address).toBe('203.0.113.7');
  });

  it('is asked for again when the service is busy', async () => {
    const { address } = await publicly({ status: 503, body: '' }, { body: '203.0.113.7\n' });

    expect(await address).toBe('203.0.113.7');
  });

  it.each(['<html>203.0.113.7</html>', '2001:db8::7', '203.0.113.7, 10.0.0.1', ''])(
    'is never anything else than one IPv4 address: %j',
    async (body) => {
      const { address } = await publicly({ body });

      await expect(address).rejects.toMatchObject({ code: 'internal' });
    },
  );

  it('that nobody tells is a failure that names what was asked and what came of it', async () => {
    const { address } = await publicly({ status: 503, body: '' });

    await expect(address).rejects.toMatchObject({
      details: { reason: `the public address is unknown: ${endpoint?.url ?? ''}: status 503` },
    });
  });

  it('cannot be learnt from a port where nobody listens', async () => {
    endpoint = await anEndpoint({ body: '' });
    const { url } = endpoint;
    await endpoint.close();

    const address = publicAddressOfTask({ clock: aHurry().clock }, url, patience);

    await expect(address).rejects.toMatchObject({
      details: { reason: expect.stringContaining('ECONNREFUSED') as unknown },
    });
  });
});
