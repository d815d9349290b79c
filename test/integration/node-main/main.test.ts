import { get } from 'node:https';
import { until } from '../../support/until.ts';
import { aCloud, type Cloud } from './a-cloud.ts';
import { aTask, type Task } from './a-task.ts';
import { NodeProcess } from './node-process.ts';
import { WirePhone } from './wire-phone.ts';

/** Every address of 127.0.0.0/8 is this machine: three that cannot be taken for one another. */
const PRIVATE = '127.0.0.2';
const PUBLIC = '127.0.0.3';
/** Far less than a drain that waits. */
const QUICKLY_MS = 20_000;

let cloud: Cloud;
let task: Task;
let node: NodeProcess;
let phone: WirePhone | undefined;

/** As infra sets them, but for ports that several tests on one machine can share. */
const started = async (variables: Readonly<Record<string, string>> = {}): Promise<NodeProcess> => {
  node = new NodeProcess({
    ...cloud.variables,
    ...task.variables,
    ALLOW_LAN_MEDIA: 'true',
    RTP_PORTS: '43000-43199',
    ...variables,
  });
  await node.untilItSays('node runs');
  return node;
};
const status = (host: string, port: number, path: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    get({ host, port, path, rejectUnauthorized: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });

beforeEach(async () => {
  cloud = await aCloud();
  task = await aTask({ privateAddress: PRIVATE, publicAddress: PUBLIC });
});
afterEach(async () => {
  await phone?.close();
  phone = undefined;
  await node.kill();
  await task.close();
  await cloud.close();
});

describe('OPS-1: the program of the container, in a task', () => {
  it('enters the registry with the private address of the task, and answers there', async () => {
    await started();

    const [item, ...others] = await cloud.nodes();

    expect(others).toEqual([]);
    expect(item).toMatchObject({ address: PRIVATE, state: 'up', used: 0 });
    expect(await status(PRIVATE, item?.port ?? 0, '/health')).toBe(200);
    expect(node.errors).toBe('');
  });

  it('announces the public address of the task to browsers and to IMS', async () => {
    await started();

    phone = await WirePhone.registered(cloud);
    const sdp = await phone.call('echo');
    await phone.hears('call.answered');
    await phone.speakAndHear(1);

    const invite = cloud.simulator.trace().findLast(({ text }) => text.startsWith('INVITE'));
    expect(sdp).toContain(`c=IN IP4 ${PUBLIC}`);
    expect(invite?.text).toMatch(new RegExp(`^c=IN IP4 ${PUBLIC.replaceAll('.', '\\.')}`, 'm'));
    expect(invite?.text).toMatch(new RegExp(`^Contact: .*@${PUBLIC.replaceAll('.', '\\.')}:`, 'm'));
  });

  it('asks nobody for addresses that were given', async () => {
    await started({
      CONTROL_ADDRESS: '127.0.0.4',
      ANNOUNCED_ADDRESS: '127.0.0.5',
      ECS_CONTAINER_METADATA_URI_V4: 'http://127.0.0.1:9',
      PUBLIC_ADDRESS_URL: 'http://127.0.0.1:9',
    });

    expect(await cloud.nodes()).toMatchObject([{ address: '127.0.0.4' }]);
    expect(node.lines).toContainEqual(
      expect.objectContaining({ message: 'node starts', announcedAddress: '127.0.0.5' }),
    );
  });

  it('is healthy for the check of its container, and is not when it has ended', async () => {
    await started();
    const [item] = await cloud.nodes();
    const variables = { CONTROL_PORT: String(item?.port), CONTROL_ADDRESS: PRIVATE };

    const running = await new NodeProcess(variables, 'check-health').exit();
    node.signal('SIGTERM');
    await node.exit();
    const ended = await new NodeProcess(variables, 'check-health').exit();

    expect([running, ended]).toEqual([0, 1]);
  });
});

describe('OPS-5: the program of the container', () => {
  it('writes the gauge that scaling follows, with that one dimension', async () => {
    await started();

    await until(() => node.lines.some((line) => 'call_slots_used_percent' in line));

    const line = node.lines.find((it) => 'call_slots_used_percent' in it);
    expect(line).toMatchObject({
      service: 'media-node',
      call_slots_used_percent: 0,
      _aws: {
        CloudWatchMetrics: [
          {
            Namespace: 'Isthmus',
            Dimensions: [['service']],
            Metrics: [{ Name: 'call_slots_used_percent' }],
          },
        ],
      },
    });
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'leaves registry and IMS and ends well when nobody is calling: %s',
    async (signal) => {
      await started();
      await until(() => cloud.simulator.registrations().length === 1);

      const fromMs = Date.now();
      node.signal(signal);
      const code = await node.exit();

      expect(code).toBe(0);
      expect(Date.now() - fromMs).toBeLessThan(QUICKLY_MS);
      expect(await cloud.nodes()).toEqual([]);
      expect(cloud.simulator.registrations()).toEqual([]);
    },
  );

  it('SES-8: lets a live call go on, takes no other, and ends after it', async () => {
    await started();
    phone = await WirePhone.registered(cloud);
    await phone.call('echo');
    await phone.hears('call.answered');
    await phone.speakAndHear(1);

    node.signal('SIGTERM');
    await until(async () => (await cloud.nodes()).length === 0);
    const refused = await phone.start('tone', 'call-0002');
    await phone.speakAndHear(2);
    const wasRunning = node.isRunning();
    await phone.hangUp();
    const code = await node.exit();

    expect(refused).toMatchObject({ error: { code: 'node.draining' } });
    expect(wasRunning).toBe(true);
    expect(code).toBe(0);
    expect(await phone.hears('session.ended')).toMatchObject({ reason: 'node-stopped' });
  });

  it('ends a call that goes on for longer than the node may', async () => {
    await started({ DRAIN_S: '1' });
    phone = await WirePhone.registered(cloud);
    await phone.call('echo');
    await phone.hears('call.answered');

    node.signal('SIGTERM');

    expect(await node.exit()).toBe(0);
    expect(cloud.simulator.calls()).toMatchObject([{ state: 'ended', end: 'hung up there' }]);
  });

  it('closes at once at the second signal', async () => {
    await started();
    phone = await WirePhone.registered(cloud);
    await phone.call('echo');
    await phone.hears('call.answered');

    node.signal('SIGTERM');
    await node.untilItSays('node drains');
    node.signal('SIGTERM');

    expect(await node.exit()).toBe(0);
    expect(await cloud.nodes()).toEqual([]);
  });

  it('tells all that is wrong with its variables in one line', async () => {
    node = new NodeProcess({ RTP_PORTS: 'many', CONTROL_PORT: '-1', SEAL_KEY_FILE: 'x' });

    expect(await node.exit()).toBe(1);
    expect(node.lines).toEqual([
      expect.objectContaining({
        level: 'error',
        message: 'node could not start',
        problem:
          'environment: TABLE_NAME is missing; GATEWAY_ENDPOINT is missing; AWS_REGION is missing; ' +
          'CONTROL_PORT is not a whole number from 0 to 65535; ' +
          'RTP_PORTS is not a range like 40000-49999',
      }),
    ]);
    expect(node.errors).toBe('');
  });

  it('tells in one line when it cannot start', async () => {
    node = new NodeProcess({
      ...cloud.variables,
      BIND_ADDRESS: '127.0.0.1',
      DYNAMODB_ENDPOINT: 'http://127.0.0.1:9',
    });

    expect(await node.exit()).toBe(1);
    expect(node.lines.filter(({ message }) => message === 'node could not start')).toHaveLength(1);
  });
});

describe('SES-8: a task with live calls', () => {
  it('asks not to be stopped, until they are over', async () => {
    await started();
    phone = await WirePhone.registered(cloud);
    await phone.call('echo');
    await phone.hears('call.answered');

    await until(() => task.protections.length === 1);
    await phone.hangUp();
    await until(() => task.protections.length === 2);

    expect(task.protections).toEqual([
      { ProtectionEnabled: true, ExpiresInMinutes: 10 },
      { ProtectionEnabled: false },
    ]);
  });
});
